"""What a relay takes, publishes, refuses and leaves alone."""

import pytest
from pydantic import BaseModel

from joblog import Options
from joblog.client.payloads import Payload
from joblog.client.schemas import announced_schemas
from joblog.outbox import stored
from joblog.outbox.asyncpg import submit
from joblog.outbox.database import Database
from joblog.outbox.stored import StoredEntries
from joblog.processors.scheduler.bulletin import limits_announced
from joblog.schemas.avro_schema import AvroSchema
from joblog.schemas.models import SchemaAnnounced
from joblog.schemas.payloads import payload_schema
from joblog.streams.kafka import KafkaPublisher
from joblog.streams.machine_clock import now_ms
from joblog.streams.records import Outbound
from joblog.streams.settings import Settings
from joblog.streams.signals.metrics import Metrics
from joblog.streams.topics import TopicMap
from tests.kafka.outbox.conftest import Connection
from tests.kafka.outbox.running import (
    MAIL,
    TYPE,
    Events,
    Mail,
    depth_of,
    drain,
    relaying,
)
from tests.kafka.running import CODEC

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


class Parcel(BaseModel):
    content: bytes


def value_of(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(name, labels)


def with_outbox(settings: Settings, **outbox: object) -> Settings:
    return settings.model_copy(update={"outbox": settings.outbox.model_copy(update=outbox)})


async def test_what_is_committed_is_published_and_deleted(
    settings: Settings, connection: Connection, events: Events
) -> None:
    options: Options = {"traceparent": TRACE, "labels": {"campaign": "spring"}}
    submitted = [await submit(connection, TYPE, MAIL, **options) for _ in range(3)]
    metrics = Metrics()
    await drain(settings, metrics)
    assert set(await events.submitted()) == set(submitted)
    record = events.records[-1]
    assert dict(record.headers)["traceparent"] == TRACE.encode()
    assert dict(record.headers)["ce_type"] == b"joblog.JobSubmitted"
    assert await depth_of(settings) == (0, None, 0)
    assert value_of(metrics, "joblog_outbox_published_total") == 3


async def test_the_payload_s_schema_is_announced(
    settings: Settings, connection: Connection
) -> None:
    await submit(connection, TYPE, MAIL)
    await drain(settings)
    assert payload_schema(Mail).fingerprint in await announced_schemas(settings)


async def test_what_can_never_be_published_is_refused_and_delays_nothing(
    settings: Settings, connection: Connection, events: Events
) -> None:
    before = await submit(connection, TYPE, MAIL)
    broken = await submit(connection, TYPE, MAIL)
    after = await submit(connection, TYPE, MAIL)
    change = "UPDATE joblog_outbox SET record = $2 WHERE job_id = $1"
    record = await connection.fetchval("SELECT record FROM joblog_outbox WHERE job_id = $1", broken)
    await connection.execute(change, broken, b"gar\x00bage")
    metrics = Metrics()
    async with relaying(with_outbox(settings, batch_entries=1), metrics) as relay:
        while await relay.relay_batch():
            pass
    assert set(await events.submitted()) == {before, after}
    assert value_of(metrics, "joblog_outbox_refused_total") == 1
    async with Database(settings) as database:
        [refused] = await StoredEntries(database).refused()
    assert refused.job_id == broken
    assert "not an event: 8 bytes that begin with 67617200" in refused.reason

    await connection.execute(change, broken, record)
    await drain(settings)
    assert broken not in await events.submitted()
    await connection.execute("UPDATE joblog_outbox SET refused = NULL")
    await drain(settings)
    assert set(await events.submitted()) == {before, broken, after}


async def test_a_reason_that_postgresql_cannot_hold_is_kept_without_that(
    settings: Settings, connection: Connection
) -> None:
    await submit(connection, TYPE, MAIL)
    async with Database(settings) as database:
        entries = StoredEntries(database)
        [entry] = (await entries.take(1)).entries
        await entries.refuse([stored.Refusal(entry.position, "a\x00b" + "x" * 5_000)])
        [refused] = await entries.refused()
    assert refused.reason == "a\N{REPLACEMENT CHARACTER}b" + "x" * 1_997


async def test_a_job_larger_than_the_log_s_announced_limit_is_refused(
    settings: Settings, connection: Connection, events: Events, publisher: KafkaPublisher
) -> None:
    limits = settings.announced_limits | {"max_submission_bytes": 1_024}
    announced = limits_announced(limits, now_ms(), now_ms())
    config = TopicMap.of(settings).config.name
    await publisher.publish([Outbound(config, 0, b"limits", CODEC.encode(announced), [])])
    small = await submit(connection, "keep", Parcel(content=b"x" * 100))
    await submit(connection, "keep", Parcel(content=b"x" * 2_000))
    await drain(settings)
    assert set(await events.submitted()) == {small}
    assert await depth_of(settings) == (0, None, 1)


async def test_a_schema_that_cannot_be_told_from_an_announced_one_refuses_its_jobs_only(
    settings: Settings, connection: Connection, events: Events, publisher: KafkaPublisher
) -> None:
    def of(type_: object) -> AvroSchema:
        fields = [{"name": "when", "type": type_}]
        return AvroSchema.of({"type": "record", "name": "Meeting", "fields": fields})

    announced = of("long")
    topic, key = TopicMap.of(settings).schemas.name, announced.fingerprint.hex().encode()
    value = CODEC.encode(SchemaAnnounced.of(announced, 0))
    await publisher.publish([Outbound(topic, 0, key, value, [])])
    conflicting = of({"type": "long", "logicalType": "timestamp-micros"})
    await submit(connection, "meet", Payload(conflicting, b"\x02"))
    good = await submit(connection, "meet", Payload(announced, b"\x02"))
    await drain(settings)
    assert set(await events.submitted()) == {good}
    assert await depth_of(settings) == (0, None, 1)


async def test_what_another_transaction_has_locked_is_passed_over_and_found_later(
    settings: Settings, connection: Connection, events: Events
) -> None:
    first, *others = [await submit(connection, TYPE, MAIL) for _ in range(3)]
    async with connection.transaction():
        await connection.execute("SELECT FROM joblog_outbox WHERE job_id = $1 FOR UPDATE", first)
        await drain(settings)
        assert set(await events.submitted()) == set(others)
    await drain(settings)
    assert set(await events.submitted()) == {first, *others}


async def test_large_entries_go_out_in_several_batches(
    settings: Settings,
    connection: Connection,
    events: Events,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(stored, "BATCH_BYTES", 10_000)
    sizes = (4_000, 4_000, 4_000, 20_000, 100)
    submitted = [await submit(connection, "keep", Parcel(content=b"x" * n)) for n in sizes]
    waiting = []
    async with relaying(settings) as relay:
        while await relay.relay_batch():
            waiting.append((await depth_of(settings)).waiting)
    assert waiting == [3, 2, 1]
    assert set(await events.submitted()) == set(submitted)
