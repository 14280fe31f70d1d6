"""What else can stand on the topics of a worker: garbage, other versions, cancels, other logs."""

import asyncio
from typing import Any

import pytest
from aiokafka import TopicPartition
from pydantic import create_model

from joblog.processors.worker.observer import Unobserved
from joblog.processors.worker.registry import Registry
from joblog.schemas.models import (
    AttemptCancelled,
    AttemptFailed,
    AttemptSucceeded,
    JobDeadLettered,
    RetryPolicy,
    SchemaAnnounced,
    Tick,
    TypeAnnounced,
)
from joblog.schemas.payloads import encode_payload, payload_schema
from joblog.streams.kafka import KafkaPublisher
from joblog.streams.settings import Settings
from joblog.streams.topics import TopicMap
from tests.kafka.running import CODEC, eventually
from tests.kafka.worker.conftest import StartProcess
from tests.kafka.worker.jobs import REGISTRY, Task, note
from tests.kafka.worker.running import (
    LANE,
    Feeder,
    Follower,
    Ledger,
    committed,
    consumer_of,
    make_worker,
)

SECONDS = 30.0


async def test_garbage_on_a_work_topic_is_dead_lettered_and_holds_nothing_up(
    settings: Settings, feeder: Feeder, events: Follower, start_process: StartProcess
) -> None:
    poison: list[tuple[int, bytes | None, bytes | None]] = [
        (0, b"key", b"garbage"),
        (1, b"none", None),
        (1, None, b"no key"),
        (0, b"", CODEC.encode(feeder.dispatch("note", "cut"))[:-9]),
        (1, b"tick", CODEC.encode(Tick(event_id="tick", time=1))),
        (0, b"unknown", b"\xc3\x0112345678unknown"),
    ]
    for n, (partition, key, value) in enumerate(poison):
        await feeder.garbage(partition, key, value)
        await feeder.jobs("note", 10, f"between-{n}")
    process = await start_process()
    await events.until(lambda: len(events.of(AttemptSucceeded)) == 60)
    dlq = TopicMap.of(settings).dead_letters
    async with Follower(settings, dlq.name, dlq.partitions) as letters:
        await letters.until(lambda: len(letters.records) == len(poison))
    found = {
        (record.partition, letter.original.key, letter.original.value): letter
        for record, letter in zip(letters.records, letters.of(JobDeadLettered), strict=True)
    }
    assert set(found) == set(poison)
    reasons = {key: letter.reason for (_, key, _), letter in found.items()}
    assert reasons == {
        b"key": "poison",
        b"none": "poison",
        None: "poison",
        b"": "poison",
        b"tick": "illegal",
        b"unknown": "unknown_schema",
    }
    for letter in found.values():
        original = letter.original
        assert original.topic == TopicMap.of(settings).work(LANE).name
        assert [(header.key, header.value) for header in original.headers] == [("a", b"b")]
    assert await process.stop() == 0
    assert sum(offset for offset, _ in (await committed(settings)).values()) == 66


@pytest.mark.parametrize("type_", ["gate", "gate.thread", "gate.process"])
async def test_a_cancel_reaches_a_running_attempt(
    feeder: Feeder, events: Follower, ledger: Ledger, start_process: StartProcess, type_: str
) -> None:
    await start_process(JOBLOG_WORKER__CANCEL_GRACE_MS="100")
    await feeder.jobs(type_, 2)
    await ledger.has("began", 2)
    await feeder.request_cancel("job-0")
    await events.until(lambda: events.of(AttemptCancelled))
    ledger.open_gate()
    await events.until(lambda: events.of(AttemptSucceeded))
    assert events.jobs(AttemptCancelled) == ["job-0"]
    assert events.jobs(AttemptSucceeded) == ["job-1"]
    assert "job-0" not in ledger.jobs("ran")


async def test_a_job_that_is_to_be_cancelled_does_not_begin(
    feeder: Feeder, events: Follower, ledger: Ledger, start_process: StartProcess
) -> None:
    for job_id, generation in (("job-0", 1), ("job-1", 2), ("job-2", 1)):
        await feeder.request_cancel(job_id, generation)
    await feeder.put(TopicMap.of(feeder.settings).control, "job-2", None)
    await feeder.jobs("note", 3)
    await start_process()
    await events.until(
        lambda: len(events.of(AttemptSucceeded)) == 2 and events.of(AttemptCancelled)
    )
    assert events.jobs(AttemptCancelled) == ["job-0"]
    assert sorted(ledger.jobs("ran")) == ["job-1", "job-2"]


async def test_a_payload_of_another_version_waits_for_its_schema_and_is_read_with_it(
    feeder: Feeder, events: Follower, ledger: Ledger, start_process: StartProcess
) -> None:
    older = create_model("Task", extra=(int, ...), ledger=(str, ...))
    schema = payload_schema(older)
    body = encode_payload(older(extra=1, ledger=str(ledger.path)))
    other = feeder.dispatch("note", "other", payload=body, payload_schema=schema.fingerprint)
    await start_process(JOBLOG_WORKER__SCHEMA_WAIT_MS="30000")
    await feeder.feed([other, feeder.dispatch("note", "next")])
    await events.until(lambda: events.of(AttemptSucceeded))
    assert events.jobs(AttemptSucceeded) == ["next"]
    announcement = SchemaAnnounced.of(schema, 1)
    schemas = TopicMap.of(feeder.settings).schemas
    await feeder.put(schemas, schema.fingerprint.hex(), announcement)
    await events.until(lambda: len(events.of(AttemptSucceeded)) == 2)
    assert ledger.jobs("ran") == ["next", "other"]
    assert events.of(AttemptFailed) == []


async def test_types_and_schemas_are_declared_before_work_is_read_and_again_only_if_they_change(
    settings: Settings, publisher: KafkaPublisher
) -> None:
    topics = TopicMap.of(settings)

    async def serve(registry: Registry) -> None:
        worker = await make_worker(settings, publisher, registry)
        running = asyncio.create_task(worker.run())

        async def ready() -> bool:
            return worker.ready or running.done()

        await eventually(ready)
        worker.stop()
        await running

    async def declared() -> tuple[list[TypeAnnounced], list[SchemaAnnounced]]:
        async with (
            Follower(settings, topics.config.name, 1) as config,
            Follower(settings, topics.schemas.name, 1) as schemas,
        ):
            await config.until_caught_up()
            await schemas.until_caught_up()
            keys = [record.key for record in config.records]
            assert set(keys) == {
                f"type/{type_.type}".encode() for type_ in config.of(TypeAnnounced)
            }
            for record, event in zip(schemas.records, schemas.of(SchemaAnnounced), strict=True):
                assert record.key == event.fingerprint.hex().encode()
            return config.of(TypeAnnounced), schemas.of(SchemaAnnounced)

    await serve(REGISTRY)
    types, schemas = await declared()
    assert {type_.type for type_ in types} == {handler.type for handler in REGISTRY}
    assert {payload_schema(Task).fingerprint} <= {one.fingerprint for one in schemas}
    assert len({one.fingerprint for one in schemas}) == len(schemas)
    await serve(REGISTRY)
    assert await declared() == (types, schemas)
    changed = Registry()
    changed.job("note", retry=RetryPolicy(max_attempts=9))(note)
    await serve(changed)
    later, _ = await declared()
    [newest] = later[len(types) :]
    before = next(type_ for type_ in types if type_.type == "note")
    assert newest.version > before.version
    assert newest.retry_policy.max_attempts == 9


async def test_a_blocked_handler_leaves_what_is_held_in_memory_bounded(
    settings: Settings, publisher: KafkaPublisher, feeder: Feeder, ledger: Ledger
) -> None:
    held: list[int] = []

    class Watching(Unobserved):
        def buffered(self, lane: str, attempts: int) -> None:
            assert lane == LANE
            held.append(attempts)

    for n in range(10):
        await feeder.jobs("gate.thread", 2_000, f"batch-{n}")
    small = settings.worker.model_copy(update={"threads": 2, "max_buffered_attempts": 500})
    worker = await make_worker(
        settings.model_copy(update={"worker": small}), publisher, observer=Watching()
    )
    running = asyncio.create_task(worker.run())
    await ledger.has("began", 2)

    async def full() -> bool:
        return len(held) > 20 and held[-1] >= 400

    await eventually(full)
    assert max(held) <= 500
    ledger.open_gate()
    await ledger.has("ran", 2_000)
    assert max(held) <= 500
    worker.stop()
    await running


async def test_high_priority_goes_first(
    settings: Settings, feeder: Feeder, ledger: Ledger, start_process: StartProcess
) -> None:
    await feeder.jobs("gate", 1, "first")
    await start_process(JOBLOG_WORKER__CONCURRENCY="1")
    await ledger.has("began", 1)
    await feeder.feed([feeder.dispatch("note", f"low-{n}", priority=1) for n in range(20)])
    await feeder.feed([feeder.dispatch("note", f"high-{n}", priority=9) for n in range(20)])
    async with consumer_of(settings) as consumer:
        work = TopicMap.of(settings).work(LANE).name
        ends: dict[Any, int] = await consumer.end_offsets(
            [TopicPartition(work, n) for n in range(settings.partitions)]
        )
    assert sum(ends.values()) == 41
    ledger.open_gate()
    await ledger.has("ran", 41)
    order = [job_id.partition("-")[0] for job_id in ledger.jobs("ran")]
    assert order == ["first", *["high"] * 20, *["low"] * 20]
