"""A schema is announced before its first entry is published, and one that cannot be refuses its entries only."""

from collections.abc import Mapping, Sequence
from typing import cast

from joblog.client.connection import Connection
from joblog.client.payloads import Payload
from joblog.outbox.relay.announcer import Announcer
from joblog.outbox.relay.assessor import Batch
from joblog.schemas.avro_schema import AvroSchema
from joblog.streams.errors import RecordTooLargeError
from joblog.streams.records import Outbound, Position
from tests.unit.outbox.made import (
    MAX_BYTES,
    SETTINGS,
    assessor,
    entry_of,
    records_of,
    waiting,
)


def with_field(type_: object, name: str = "Meeting") -> AvroSchema:
    return AvroSchema.of(
        {"type": "record", "name": name, "fields": [{"name": "when", "type": type_}]}
    )


NUMBER = with_field("long")
TIME = with_field({"type": "long", "logicalType": "timestamp-micros"})
OTHER = with_field("string", "Other")


class Log:
    """Stands in for a connection: has some schemas, and takes others unless they are large."""

    def __init__(self, *schemas: AvroSchema) -> None:
        self.announced = {schema.fingerprint: schema for schema in schemas}
        self.keys: list[bytes | None] = []

    async def schemas(self) -> Mapping[bytes, AvroSchema]:
        return self.announced

    async def send(self, records: Sequence[Outbound]) -> Sequence[Position]:
        for record in records:
            if len(record.value or b"") > 10_000:
                raise RecordTooLargeError(record.topic, len(record.value or b""), 10_000)
        self.keys += [record.key for record in records]
        return [Position(0, 0) for _ in records]


def announcer(log: Log) -> Announcer:
    return Announcer(cast("Connection", log), records_of(SETTINGS))


def batch(*schemas: AvroSchema) -> Batch:
    entries = [
        waiting(position, entry_of(Payload(schema, b"")))
        for position, schema in enumerate(schemas, start=1)
    ]
    return assessor().batch(entries, MAX_BYTES)


async def test_each_schema_is_announced_once() -> None:
    log = Log(NUMBER)
    announces = announcer(log)
    for _ in range(2):
        announced = await announces.announced(batch(OTHER, NUMBER, OTHER))
        assert [entry.position for entry in announced.publishable] == [1, 2, 3]
    assert log.keys == [OTHER.fingerprint.hex().encode()]


async def test_one_that_cannot_be_told_from_another_refuses_its_entries_only() -> None:
    announced = await announcer(Log(NUMBER)).announced(batch(OTHER, TIME, NUMBER, TIME))
    assert [entry.position for entry in announced.publishable] == [1, 3]
    assert [refusal.position for refusal in announced.refusals] == [2, 4]
    assert "other logical types" in announced.refusals[0].reason


async def test_of_two_that_cannot_be_told_apart_the_first_counts() -> None:
    announces = announcer(Log())
    first = await announces.announced(batch(TIME, NUMBER))
    later = await announces.announced(batch(NUMBER, TIME))
    assert [[entry.position for entry in one.publishable] for one in (first, later)] == [[1], [2]]


async def test_one_that_is_too_large_refuses_its_entries_only() -> None:
    large = with_field({"type": "enum", "name": "E", "symbols": [f"S{n}" for n in range(2_000)]})
    announced = await announcer(Log()).announced(batch(large, OTHER))
    assert [entry.position for entry in announced.publishable] == [2]
    assert "too large for joblog.schemas" in announced.refusals[0].reason
