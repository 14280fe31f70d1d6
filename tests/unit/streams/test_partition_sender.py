"""What travels together, in which order, and what a failure stops."""

import asyncio
from collections.abc import Callable
from typing import Any, cast

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from joblog.streams.errors import PublishError, RecordTooLargeError, UnknownTopicError
from joblog.streams.kafka import publisher as module
from joblog.streams.kafka.partition_sender import NO_OFFSET, PartitionSender
from joblog.streams.kafka.publisher import KafkaPublisher
from joblog.streams.records import Outbound, Position
from joblog.streams.settings import Settings
from tests.unit.streams.kafka_fakes import BATCH_BYTES, FakeProducer

TOPIC = "t.events"
TURNS = 20
"""Of the event loop: more than a failure takes to reach the call that waits for it."""


@pytest.fixture
def producer(monkeypatch: pytest.MonkeyPatch) -> FakeProducer:
    producer = FakeProducer()
    monkeypatch.setattr(module, "AIOKafkaProducer", lambda **_: producer)
    return producer


@pytest.fixture
async def publisher(producer: FakeProducer) -> KafkaPublisher:
    return await _started(producer, Settings(namespace="t", partitions=2))


@pytest.fixture
async def impatient(producer: FakeProducer) -> KafkaPublisher:
    settings = Settings(namespace="t", partitions=2)
    soon = settings.producer.model_copy(update={"delivery_timeout_ms": 50})
    return await _started(producer, settings.model_copy(update={"producer": soon}))


async def _started(_: FakeProducer, settings: Settings) -> KafkaPublisher:
    publisher = KafkaPublisher(settings)
    await publisher.start()
    return publisher


def record(value: bytes, partition: int = 0) -> Outbound:
    return Outbound(TOPIC, partition, b"key", value, [("name", b"value")])


async def turns() -> None:
    for _ in range(TURNS):
        await asyncio.sleep(0)


async def test_calls_that_overlap_share_a_batch(
    producer: FakeProducer, publisher: KafkaPublisher
) -> None:
    calls = [[record(b"a"), record(b"b")], [record(b"c")]]
    positions = await asyncio.gather(*map(publisher.publish, calls))
    assert producer.sent == [(0, [b"a", b"b", b"c"])]
    assert positions == [[Position(0, 0), Position(0, 1)], [Position(0, 2)]]


async def test_what_comes_while_a_batch_is_under_way_shares_the_next(
    producer: FakeProducer, publisher: KafkaPublisher
) -> None:
    producer.answering = False
    calls = [asyncio.create_task(publisher.publish([record(b"a")]))]
    await producer.has_sent(1)
    calls += [asyncio.create_task(publisher.publish([record(value)])) for value in (b"b", b"c")]
    await turns()
    assert producer.sent == [(0, [b"a"])]
    producer.acknowledge(0)
    await producer.has_sent(2)
    assert producer.sent[1] == (0, [b"b", b"c"])
    producer.acknowledge(1)
    assert await asyncio.gather(*calls) == [[Position(0, offset)] for offset in range(3)]


async def test_each_partition_keeps_the_order_over_full_batches_and_tells_positions(
    producer: FakeProducer, publisher: KafkaPublisher
) -> None:
    values = [b"%d" % number * (BATCH_BYTES // 10) for number in range(30)]
    calls = [[record(value, partition) for partition in (1, 0)] for value in values]
    positions = await asyncio.gather(*map(publisher.publish, calls))
    assert producer.values(0) == producer.values(1) == values
    assert positions == [[Position(1, offset), Position(0, offset)] for offset in range(30)]
    assert len(producer.sent) > 6
    assert max(sum(map(len, filter(None, batch))) for _, batch in producer.sent) <= BATCH_BYTES


async def test_a_record_larger_than_a_batch_goes_alone(
    producer: FakeProducer, publisher: KafkaPublisher
) -> None:
    large = bytes(2 * BATCH_BYTES)
    await publisher.publish([record(b"a"), record(large), record(b"b")])
    assert producer.sent == [(0, [b"a"]), (0, [large]), (0, [b"b"])]


async def test_an_offset_that_kafka_does_not_tell_stays_unknown(
    producer: FakeProducer, publisher: KafkaPublisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(producer, "values", lambda *_, **__: range(0))
    producer.answering = False
    call = asyncio.create_task(publisher.publish([record(b"a"), record(b"b")]))
    await producer.has_sent(1)
    producer.answers[0].set_result(type("Metadata", (), {"offset": NO_OFFSET})())
    assert await call == [Position(0, NO_OFFSET), Position(0, NO_OFFSET)]


def _fail(answer: "asyncio.Future[Any]") -> None:
    answer.set_exception(KafkaError("broken"))


def _break(answer: "asyncio.Future[Any]") -> None:
    answer.set_exception(RuntimeError("broken"))


def _cancel(answer: "asyncio.Future[Any]") -> None:
    answer.cancel()


@pytest.mark.parametrize("fail", [_fail, _break, _cancel])
async def test_after_a_failure_of_any_kind_every_later_call_fails(
    producer: FakeProducer,
    publisher: KafkaPublisher,
    fail: Callable[["asyncio.Future[Any]"], None],
) -> None:
    producer.answering = False
    call = asyncio.create_task(publisher.publish([record(b"a"), record(b"b")]))
    await producer.has_sent(1)
    producer.answering = True
    fail(producer.answers[0])
    with pytest.raises(PublishError) as caught:
        await call
    assert (caught.value.topics, caught.value.records) == ((TOPIC,), 2)
    for partition in (0, 1):
        with pytest.raises(PublishError):
            await publisher.publish([record(b"later", partition)])
    assert len(producer.sent) == 1


async def test_what_a_producer_refuses_to_send_is_a_failure_too(
    producer: FakeProducer, publisher: KafkaPublisher
) -> None:
    producer.refusal = AssertionError("Unrecognized partition")
    with pytest.raises(PublishError, match="Unrecognized partition"):
        await publisher.publish([record(b"a")])
    producer.refusal = None
    with pytest.raises(PublishError, match="Unrecognized partition"):
        await publisher.publish([record(b"later")])
    assert producer.sent == []


async def test_a_failure_counts_though_its_only_caller_was_cancelled(
    producer: FakeProducer, publisher: KafkaPublisher
) -> None:
    producer.answering = False
    call = asyncio.create_task(publisher.publish([record(b"a")]))
    await producer.has_sent(1)
    call.cancel()
    await turns()
    _fail(producer.answers[0])
    await turns()
    producer.answering = True
    with pytest.raises(PublishError, match="broken"):
        await publisher.publish([record(b"later")])
    assert len(producer.sent) == 1


async def test_no_task_overtakes_a_failure(
    producer: FakeProducer, publisher: KafkaPublisher
) -> None:
    producer.answering = False
    call = asyncio.create_task(publisher.publish([record(b"a")]))
    await producer.has_sent(1)
    producer.answering = True
    _fail(producer.answers[0])
    later = []
    for _ in range(TURNS):
        later.append(asyncio.create_task(publisher.publish([record(b"later")])))
        await asyncio.sleep(0)
    outcomes = await asyncio.gather(call, *later, return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {PublishError}
    assert len(producer.sent) == 1


async def test_a_sender_tells_of_its_failure_at_once_and_takes_nothing_more(
    producer: FakeProducer,
) -> None:
    producer.answering = False
    told: list[PublishError] = []
    sender = PartitionSender(cast("AIOKafkaProducer", producer), TOPIC, 0, told.append)
    written = sender.add(record(b"a")).batch.written
    told_at: list[int] = []
    written.add_done_callback(lambda _: told_at.append(len(told)))
    await producer.has_sent(1)
    _fail(producer.answers[0])
    await sender.empty()
    assert written.exception() is told[0]
    assert isinstance(told[0].__cause__, KafkaError)
    assert told_at == [1]
    with pytest.raises(PublishError, match="broken"):
        sender.add(record(b"later"))


async def test_a_failure_fails_what_waits_in_every_partition_and_sends_none_of_it(
    producer: FakeProducer, publisher: KafkaPublisher
) -> None:
    producer.answering = False
    under_way = [asyncio.create_task(publisher.publish([record(b"a", at)])) for at in (0, 1)]
    await producer.has_sent(2)
    large = bytes(2 * BATCH_BYTES)
    waiting = [
        asyncio.create_task(publisher.publish([record(value, at)]))
        for at in (0, 1)
        for value in (b"b", large)
    ]
    await turns()
    _fail(producer.answers[0])
    outcomes = await asyncio.gather(*waiting, return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {PublishError}
    producer.acknowledge(1)
    with pytest.raises(PublishError):
        await under_way[0]
    assert await under_way[1] == [Position(1, 0)]
    await turns()
    assert len(producer.sent) == 2


async def test_no_answer_in_time_is_a_failure_and_an_answer_thereafter_sends_nothing_more(
    producer: FakeProducer, impatient: KafkaPublisher
) -> None:
    producer.answering = False
    first = asyncio.create_task(impatient.publish([record(b"a")]))
    await producer.has_sent(1)
    second = asyncio.create_task(impatient.publish([record(b"b")]))
    outcomes = await asyncio.gather(first, second, return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {PublishError}
    producer.acknowledge(0)
    await turns()
    assert len(producer.sent) == 1
    with pytest.raises(PublishError, match=r"no answer within 0\.05 s"):
        await impatient.publish([record(b"later", 1)])


async def test_a_caller_that_is_cancelled_costs_the_others_of_its_batch_nothing(
    producer: FakeProducer, publisher: KafkaPublisher
) -> None:
    producer.answering = False
    cancelled, other = (
        asyncio.create_task(publisher.publish([record(value)])) for value in (b"a", b"b")
    )
    await producer.has_sent(1)
    cancelled.cancel()
    await turns()
    producer.acknowledge(0)
    assert await other == [Position(0, 1)]
    producer.answering = True
    assert await publisher.publish([record(b"c")]) == [Position(0, 2)]


BAD: list[tuple[type[Exception], dict[str, Any]]] = [
    (TypeError, {"key": "text"}),
    (TypeError, {"value": "text"}),
    (TypeError, {"headers": (("name", b"value"),)}),
    (TypeError, {"headers": [["name", b"value"]]}),
    (TypeError, {"headers": [(b"name", b"value")]}),
    (TypeError, {"headers": [("name", "value")]}),
    (TypeError, {"headers": [(None, b"value")]}),
    (TypeError, {"headers": [("name", 1)]}),
    (UnicodeEncodeError, {"headers": [("\ud800", b"value")]}),
    (RecordTooLargeError, {"value": bytes(20 << 20)}),
    (UnknownTopicError, {"topic": "t.none"}),
    (UnknownTopicError, {"partition": 2}),
]


@pytest.mark.parametrize(("error", "fields"), BAD)
async def test_of_a_call_with_a_record_that_is_refused_nothing_is_written(
    producer: FakeProducer,
    publisher: KafkaPublisher,
    error: type[Exception],
    fields: dict[str, Any],
) -> None:
    with pytest.raises(error):
        await publisher.publish([record(b"a"), record(b"b")._replace(**fields)])
    assert await publisher.publish([record(b"c")]) == [Position(0, 0)]
    assert producer.sent == [(0, [b"c"])]


async def test_a_stop_waits_until_all_is_acknowledged(
    producer: FakeProducer, publisher: KafkaPublisher
) -> None:
    producer.answering = False
    calls = [asyncio.create_task(publisher.publish([record(b"a")]))]
    await producer.has_sent(1)
    calls += [asyncio.create_task(publisher.publish([record(b"b")]))]
    await turns()
    stop = asyncio.create_task(publisher.stop())
    producer.acknowledge(0)
    await producer.has_sent(2)
    await turns()
    assert not producer.stopping.is_set()
    producer.acknowledge(1)
    await stop
    assert producer.stopping.is_set()
    assert await asyncio.gather(*calls) == [[Position(0, 0)], [Position(0, 1)]]


async def test_a_publisher_that_stops_takes_nothing_more(
    producer: FakeProducer, publisher: KafkaPublisher
) -> None:
    producer.answering = False
    call = asyncio.create_task(publisher.publish([record(b"a")]))
    await producer.has_sent(1)
    stop = asyncio.create_task(publisher.stop())
    await turns()
    producer.answering = True
    with pytest.raises(PublishError, match="after stop"):
        await publisher.publish([record(b"later", 1)])
    producer.acknowledge(0)
    await stop
    assert await call == [Position(0, 0)]
    with pytest.raises(PublishError, match="after stop"):
        await publisher.publish([record(b"later")])
    assert producer.sent == [(0, [b"a"])]
    assert producer.stopping.is_set()


async def test_after_a_failure_a_stop_waits_for_no_acknowledgement(
    producer: FakeProducer, publisher: KafkaPublisher
) -> None:
    producer.answering = False
    calls = [asyncio.create_task(publisher.publish([record(b"a", at)])) for at in (0, 1)]
    await producer.has_sent(2)
    _fail(producer.answers[0])
    with pytest.raises(PublishError):
        await calls[0]
    async with asyncio.timeout(10):
        await publisher.stop()
    assert producer.stopping.is_set()
    producer.acknowledge(1)
    await calls[1]


async def test_a_stop_that_gets_no_acknowledgement_in_time_disconnects_all_the_same(
    producer: FakeProducer, impatient: KafkaPublisher
) -> None:
    producer.answering = False
    producer.stopped.clear()
    call = asyncio.create_task(impatient.publish([record(b"a")]))
    await producer.has_sent(1)
    call.cancel()
    with pytest.raises(TimeoutError):
        await impatient.stop()
    assert producer.stopping.is_set()
    producer.acknowledge(0)


async def test_a_disconnect_that_takes_too_long_goes_on_in_the_background(
    producer: FakeProducer, impatient: KafkaPublisher
) -> None:
    producer.stopped.clear()
    with pytest.raises(TimeoutError):
        await impatient.stop()
    disconnect = next(task for task in asyncio.all_tasks() if task.get_name() == "disconnect")
    assert not disconnect.cancelling()
    producer.stopped.set()
    await disconnect


async def test_what_a_topic_really_takes_counts_and_not_what_settings_say(
    publisher: KafkaPublisher,
) -> None:
    limit = publisher._limits[TOPIC]  # noqa: SLF001 - what the settings say
    large = Outbound(TOPIC, 0, None, bytes(limit), [])
    with pytest.raises(RecordTooLargeError):
        await publisher.publish([large])
    publisher.allow({TOPIC: 2 * limit})
    assert await publisher.publish([large]) == [Position(0, 0)]
