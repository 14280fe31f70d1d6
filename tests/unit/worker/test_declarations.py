"""A worker announces what is new, and nothing that is known already."""

import pytest
from pydantic import BaseModel

from joblog.processors.worker.declarations import schemas_to_announce, types_to_announce
from joblog.processors.worker.registry import Registry
from joblog.processors.worker.writer_schemas import WriterSchemas
from joblog.schemas.avro_schema import AvroSchema
from joblog.schemas.codec import Codec
from joblog.schemas.errors import ConflictingSchemaError
from joblog.schemas.models import RetryPolicy, SchemaAnnounced, TypeAnnounced
from joblog.schemas.payloads import payload_schema
from joblog.streams.records import Inbound
from tests.unit.worker.jobs import Number
from tests.unit.worker.making import CODEC

NOW = 1_700_000_000_000


async def returns_text(number: Number) -> str:
    return str(number.n)


def registry(**options: object) -> Registry:
    made = Registry()
    made.job("some.type", **options)(returns_text)  # type: ignore[arg-type]
    return made


def announce(known: WriterSchemas, schema: AvroSchema, definition: str | None = None) -> None:
    event = SchemaAnnounced.of(schema, 1)
    if definition is not None:
        event = event.model_copy(update={"definition": definition})
    known.learn(Inbound("t.schemas", 0, 0, 1, b"k", CODEC.encode(event)))


def test_schemas_of_payloads_results_and_events_are_announced_until_they_are() -> None:
    known = WriterSchemas(Codec())
    wanted = schemas_to_announce(registry(), known)
    names = [schema.name for schema in wanted]
    events = {"joblog.AttemptSucceeded", "joblog.JobDeadLettered"}
    assert {"Number", "joblog_result.ReturnValue"} | events <= set(names)
    for schema in wanted[1:]:
        announce(known, schema)
    assert schemas_to_announce(registry(), known) == wanted[:1]


def test_a_schema_that_cannot_be_told_from_an_announced_one_is_refused() -> None:
    known = WriterSchemas(Codec())
    schema = payload_schema(Number)
    other = schema.to_json().replace('"long"', '{"type":"long","logicalType":"timestamp-millis"}')
    announce(known, schema, other)
    with pytest.raises(ConflictingSchemaError, match="schema Number has the fingerprint"):
        schemas_to_announce(registry(), known)


def announced(
    made: Registry, known: dict[str, TypeAnnounced], now: int = NOW
) -> list[TypeAnnounced]:
    return types_to_announce(made, known, now, "me")


def test_a_new_type_is_announced_with_the_time_as_its_version() -> None:
    [type_] = announced(registry(), {})
    assert (type_.type, type_.version, type_.time, type_.declared_by) == (
        "some.type",
        NOW,
        NOW,
        "me",
    )
    assert type_.payload_schemas == (payload_schema(Number).fingerprint,)


def test_a_type_that_is_known_is_not_announced_again_by_whomever() -> None:
    [type_] = announced(registry(), {})
    other = type_.model_copy(update={"declared_by": "another", "version": 7, "time": 3})
    assert announced(registry(), {"some.type": other}) == []


@pytest.mark.parametrize("known_version", [5, NOW, NOW + 10])
def test_a_type_that_has_changed_gets_a_higher_version(known_version: int) -> None:
    [type_] = announced(registry(), {})
    known = {"some.type": type_.model_copy(update={"version": known_version})}
    [changed] = announced(registry(retry=RetryPolicy(max_attempts=9)), known)
    assert changed.version == max(NOW, known_version + 1)
    assert changed.retry_policy.max_attempts == 9


def test_another_payload_is_another_type() -> None:
    class Text(BaseModel):
        text: str

    async def takes_text(text: Text) -> None: ...

    takes_text.__annotations__["text"] = Text
    [type_] = announced(registry(), {})
    other = Registry()
    other.job("some.type")(takes_text)
    [changed] = announced(other, {"some.type": type_})
    assert changed.payload_schemas == (payload_schema(Text).fingerprint,)
