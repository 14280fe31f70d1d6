"""Records are written once, in order, within the limits, or the process is told to end."""

import asyncio
import gc
import os
import random
import signal
import time
from collections.abc import AsyncIterator, Callable

import pytest

from joblog.streams.broker import EmbeddedBroker
from joblog.streams.errors import PublishError, RecordTooLargeError, UnknownTopicError
from joblog.streams.kafka import KafkaPublisher, ensure_topics
from joblog.streams.record_checks import size_of
from joblog.streams.records import Outbound, Position
from joblog.streams.settings import Settings
from joblog.streams.topics import Topic, TopicMap
from tests.kafka.clients.plain_clients import create_events_topic, read_all
from tests.kafka.clients.proxy import AnswerLosingProxy

NOW = 1_700_000_000_000


@pytest.fixture
async def topics(settings: Settings) -> TopicMap:
    await ensure_topics(settings, NOW)
    return TopicMap.of(settings)


@pytest.fixture
async def publisher(settings: Settings, topics: TopicMap) -> AsyncIterator[KafkaPublisher]:
    assert topics.events.name == f"{settings.namespace}.events"
    async with KafkaPublisher(settings) as publisher:
        yield publisher


def record(topic: Topic, partition: int, value: bytes | None, key: bytes | None = b"k") -> Outbound:
    return Outbound(topic.name, partition, key, value, [("ce_id", b"1")])


def largest(topic: Topic) -> Outbound:
    """Make the largest record that a topic takes, which no compression makes smaller."""
    room = topic.max_record_bytes - size_of(record(topic, 0, b""))
    return record(topic, 0, random.Random(0).randbytes(room))


async def test_each_record_is_where_its_position_says(
    publisher: KafkaPublisher, settings: Settings, topics: TopicMap
) -> None:
    work = topics.work("default")
    records = [
        record(work, 1, b"first"),
        record(topics.table_jobs, 0, None),
        record(work, 0, b"no key", None),
        Outbound(work.name, 1, b"k", b"second", [("a", b""), ("a", b"\xff"), ("b", None)]),
    ]
    positions = await publisher.publish(records)
    assert positions == [Position(1, 0), Position(0, 0), Position(0, 0), Position(1, 1)]
    for sent, position in zip(records, positions, strict=True):
        read = (await read_all(settings, sent.topic, position.partition))[position.offset]
        assert (read.key, read.value) == (sent.key, sent.value)
        assert list(read.headers) == sent.headers
        assert read.timestamp_type == 1  # LogAppendTime


async def test_nothing_to_write(publisher: KafkaPublisher) -> None:
    assert await publisher.publish([]) == []


async def test_a_call_of_many_requests_keeps_the_order_in_each_partition(
    publisher: KafkaPublisher, settings: Settings, topics: TopicMap
) -> None:
    work = topics.work("default")
    padding = bytes(1_000)  # 4 MB: several batches for each partition
    sent = [record(work, n % 2, b"%d " % n + padding) for n in range(4_000)]
    positions = await publisher.publish(sent)
    assert positions == [Position(n % 2, n // 2) for n in range(4_000)]
    for partition in (0, 1):
        values = [read.value for read in await read_all(settings, work.name, partition)]
        assert values == [one.value for one in sent if one.partition == partition]


async def test_many_callers_at_once(
    publisher: KafkaPublisher, settings: Settings, topics: TopicMap
) -> None:
    work = topics.work("default")

    async def call(caller: int) -> list[tuple[bytes, Position]]:
        written = []
        for n in range(20):
            value = b"%d-%d" % (caller, n)
            [position] = await publisher.publish([record(work, caller % 2, value)])
            written.append((value, position))
        return written

    calls = await asyncio.gather(*map(call, range(50)))
    written = {value: position for one in calls for value, position in one}
    assert len(set(written.values())) == len(written) == 1_000
    for partition in (0, 1):
        for read in await read_all(settings, work.name, partition):
            assert written[read.value or b""] == Position(partition, read.offset)


@pytest.mark.parametrize("compression", ["none", "gzip"])
async def test_the_largest_record_is_taken_and_a_larger_one_is_not_sent(
    settings: Settings, topics: TopicMap, compression: str
) -> None:
    chosen = settings.producer.model_copy(update={"compression": compression})
    compressing = settings.model_copy(update={"producer": chosen})
    async with KafkaPublisher(compressing) as publisher:
        for topic in (topics.events, topics.work("default"), topics.dead_letters):
            good = largest(topic)
            await publisher.publish([good])
            bad = good._replace(value=good.value and good.value + b"!")
            with pytest.raises(RecordTooLargeError, match="keep large data elsewhere") as caught:
                await publisher.publish([record(topic, 0, b"before"), bad])
            limit = topic.max_record_bytes
            assert (caught.value.size, caught.value.limit) == (limit + 1, limit)
            await publisher.publish([record(topic, 0, b"after")])
            values = [read.value for read in await read_all(settings, topic.name, 0)]
            assert values[-2:] == [good.value, b"after"]


async def test_lengths_of_headers_count(
    publisher: KafkaPublisher, settings: Settings, topics: TopicMap
) -> None:
    events = topics.events
    many: list[tuple[str, bytes | None]] = [("", b"")] * (events.max_record_bytes // 10 - 1)
    await publisher.publish([Outbound(events.name, 0, None, b"", many)])
    with pytest.raises(RecordTooLargeError):
        await publisher.publish([Outbound(events.name, 0, None, b"", [*many, ("", b"")])])
    assert len((await read_all(settings, events.name, 0))[-1].headers) == len(many)


async def test_a_full_batch_is_taken(settings: Settings, topics: TopicMap) -> None:
    chosen = settings.producer.model_copy(update={"batch_bytes": 16 * 1024 * 1024})
    events, noise = topics.events, random.Random(0)
    records = [record(events, 0, noise.randbytes(90_000)) for _ in range(40)]
    async with KafkaPublisher(settings.model_copy(update={"producer": chosen})) as publisher:
        assert len(await publisher.publish(records)) == 40


async def test_a_topic_or_partition_that_is_not_on_the_map(
    publisher: KafkaPublisher, topics: TopicMap
) -> None:
    with pytest.raises(UnknownTopicError, match=r"^nowhere is not on the map"):
        await publisher.publish([Outbound("nowhere", 0, None, b"", [])])
    with pytest.raises(UnknownTopicError, match=r"^partition 2 of \S+\.events is not on the map"):
        await publisher.publish([record(topics.events, 2, b"")])
    with pytest.raises(UnknownTopicError):
        await publisher.publish([record(topics.events, -1, b"")])


async def test_a_publisher_that_was_not_started() -> None:
    publisher = KafkaPublisher(Settings())
    with pytest.raises(RuntimeError, match="before start"):
        await publisher.publish([record(TopicMap("joblog").events, 0, b"")])
    await publisher.stop()


async def test_what_a_broker_refuses_fails_the_call_as_one_error(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    await create_events_topic(settings, max_message_bytes="1000")
    events = TopicMap.of(settings).events

    async def publish() -> None:
        async with KafkaPublisher(settings) as publisher:
            with pytest.raises(PublishError, match="MessageSizeTooLarge"):
                await publisher.publish([record(events, n, bytes(2_000)) for n in (0, 1)])

    await publish()
    gc.collect()
    assert "never retrieved" not in caplog.text


async def test_a_record_whose_answer_was_lost_is_written_once(
    make_broker: Callable[..., EmbeddedBroker], unused_tcp_port: int
) -> None:
    broker = make_broker(
        overrides={"advertised.listeners": f"PLAINTEXT://127.0.0.1:{unused_tcp_port}"}
    )
    async with AnswerLosingProxy(unused_tcp_port, broker.port) as proxy:
        await asyncio.to_thread(broker.start)
        settings = Settings(bootstrap_servers=f"127.0.0.1:{unused_tcp_port}")
        await ensure_topics(settings, NOW)
        work = TopicMap.of(settings).work("default")
        async with KafkaPublisher(settings) as publisher:
            proxy.lose_next_answer_to_produce()
            positions = await publisher.publish([record(work, 0, b"%d" % n) for n in range(3)])
        assert proxy.lost == 1
        assert [read.value for read in await read_all(settings, work.name, 0)] == [b"0", b"1", b"2"]
        assert positions == [Position(0, n) for n in range(3)]


async def test_a_broker_that_does_not_answer_fails_the_call_and_all_after_it(
    make_broker: Callable[..., EmbeddedBroker],
) -> None:
    broker = make_broker()
    await asyncio.to_thread(broker.start)
    settings = Settings(
        bootstrap_servers=broker.bootstrap_servers,
        request_timeout_ms=1_000,
        producer={"delivery_timeout_ms": 1_000},
    )
    await ensure_topics(settings, NOW)
    events = TopicMap.of(settings).events
    publisher = KafkaPublisher(settings)
    await publisher.start()
    await publisher.publish([record(events, 0, b"before")])
    os.kill(broker.pid, signal.SIGSTOP)
    try:
        begun = time.monotonic()
        with pytest.raises(PublishError, match=r"no answer within 1 s.*end it") as caught:
            await publisher.publish([record(events, 0, b"lost"), record(events, 1, b"lost")])
        assert time.monotonic() - begun < 5
        assert (caught.value.topics, caught.value.records) == ((events.name,), 2)
    finally:
        os.kill(broker.pid, signal.SIGCONT)
    with pytest.raises(PublishError) as again:
        await publisher.publish([record(events, 0, b"after")])
    assert again.value.reason == caught.value.reason
    await publisher.stop()


async def test_a_broker_that_is_killed_and_comes_back_has_every_record_once(
    make_broker: Callable[..., EmbeddedBroker],
) -> None:
    broker = make_broker()
    await asyncio.to_thread(broker.start)
    settings = Settings(bootstrap_servers=broker.bootstrap_servers, request_timeout_ms=5_000)
    await ensure_topics(settings, NOW)
    work = TopicMap.of(settings).work("default")
    calls = [[b"%d" % n for n in range(first, first + 100)] for first in range(0, 100_000, 100)]
    under_way = asyncio.Event()

    async def write() -> None:
        async with KafkaPublisher(settings) as publisher:
            for number, values in enumerate(calls):
                await publisher.publish([record(work, 0, value) for value in values])
                if number == 20:
                    under_way.set()

    writing = asyncio.create_task(write())
    await under_way.wait()
    await asyncio.to_thread(broker.kill)
    assert not writing.done()
    await asyncio.to_thread(broker.start)
    await writing
    read = [one.value for one in await read_all(settings, work.name, 0)]
    assert read == [value for values in calls for value in values]
