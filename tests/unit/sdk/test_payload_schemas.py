"""What a client takes for an announced schema, and what it announces itself."""

import asyncio
from collections.abc import Mapping, Sequence

import pytest

from joblog.client.payload_schemas import PayloadSchemas
from joblog.client.schemas import FoundSchemas
from joblog.schemas.avro_schema import AvroSchema
from joblog.schemas.codec import Codec
from joblog.schemas.errors import ConflictingSchemaError
from joblog.schemas.models import SchemaAnnounced


def with_field(type_: object, name: str = "Meeting") -> AvroSchema:
    fields = [{"name": "when", "type": type_}]
    return AvroSchema.of({"type": "record", "name": name, "fields": fields})


NUMBER = with_field("long")
TIME = with_field({"type": "long", "logicalType": "timestamp-micros"})
OTHER = with_field("string", "Other")


class Topic:
    """What is announced, and who has read it how often."""

    def __init__(self, *schemas: AvroSchema) -> None:
        self.announced = {schema.fingerprint: schema for schema in schemas}
        self.published: list[AvroSchema] = []
        self.reads = 0
        self.client = PayloadSchemas(self._read, self._publish)

    async def _read(self) -> Mapping[bytes, AvroSchema]:
        self.reads += 1
        await asyncio.sleep(0)
        return dict(self.announced)

    async def _publish(self, schemas: Sequence[AvroSchema]) -> None:
        await asyncio.sleep(0)
        self.published += schemas


def announcement(schema: AvroSchema, definition: str | None = None) -> bytes:
    event = SchemaAnnounced.of(schema, 1)
    if definition is not None:
        event = event.model_copy(update={"definition": definition})
    return Codec().encode(event)


def test_equal_fingerprints_do_not_make_equal_schemas() -> None:
    assert NUMBER.fingerprint == TIME.fingerprint


def test_an_announcement_that_cannot_be_used_is_left_out_and_the_others_are_found() -> None:
    found = FoundSchemas()
    found.learn(
        [
            announcement(NUMBER),
            announcement(TIME),
            announcement(OTHER, "{"),
            announcement(OTHER, "[]"),
            announcement(OTHER, NUMBER.to_json()),
            b"garbage",
            None,
            announcement(OTHER),
        ]
    )
    assert found.schemas == {NUMBER.fingerprint: NUMBER, OTHER.fingerprint: OTHER}


async def test_a_schema_is_announced_once_and_compared_once() -> None:
    topic = Topic()
    for _ in range(3):
        await topic.client.announce([OTHER, NUMBER, OTHER])
    assert topic.published == [OTHER, NUMBER]
    assert topic.reads == 1


async def test_calls_that_overlap_read_and_announce_once() -> None:
    topic = Topic()
    await asyncio.gather(*(topic.client.announce([OTHER]) for _ in range(3)))
    assert topic.published == [OTHER]
    assert topic.reads == 1


async def test_what_is_announced_already_is_not_announced_again() -> None:
    topic = Topic(NUMBER)
    await topic.client.announce([NUMBER, OTHER])
    assert topic.published == [OTHER]


async def test_what_another_client_announces_later_is_found() -> None:
    topic = Topic()
    await topic.client.announce([OTHER])
    topic.announced[TIME.fingerprint] = TIME
    assert (await topic.client.having(TIME.fingerprint))[TIME.fingerprint] == TIME


@pytest.mark.parametrize("submitted", [[TIME], [TIME, OTHER], [OTHER, TIME]])
async def test_a_schema_that_cannot_be_told_from_an_announced_one_is_refused(
    submitted: list[AvroSchema],
) -> None:
    topic = Topic(NUMBER)
    with pytest.raises(ConflictingSchemaError, match="schema Meeting has the fingerprint"):
        await topic.client.announce(submitted)
    assert topic.published == []


async def test_a_schema_that_cannot_be_told_from_one_of_its_own_client_is_refused() -> None:
    topic = Topic()
    await topic.client.announce([NUMBER])
    with pytest.raises(ConflictingSchemaError):
        await topic.client.announce([TIME])
    with pytest.raises(ConflictingSchemaError):
        await Topic().client.announce([NUMBER, TIME])
