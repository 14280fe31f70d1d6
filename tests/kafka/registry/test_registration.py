"""What a real registry makes of the log's schemas."""

import secrets

import pytest

from joblog.schemas.avro_schema import AvroSchema
from joblog.streams.registry import SchemaRegistry
from joblog.streams.registry.client import Compatibility
from joblog.streams.registry.errors import IncompatibleSubjectError
from joblog.streams.registry.registration import (
    Found,
    Standing,
    Wanted,
    check,
    event_schemas,
    register,
)

BACKWARD = Compatibility.BACKWARD_TRANSITIVE


@pytest.fixture
def name() -> str:
    """A record's name that no other test uses, with a namespace as producers in Java have."""
    return f"shop.Mail{secrets.token_hex(4)}"


def record(name: str, *fields: tuple[str, object]) -> Wanted:
    made = [
        {"name": field, "type": "string"} | ({} if default is None else {"default": default})
        for field, default in fields
    ]
    return Wanted(AvroSchema.of({"type": "record", "name": name, "fields": made}), BACKWARD)


def standings(found: list[Found]) -> list[Standing]:
    return [one.standing for one in found]


async def test_every_event_is_registered_once_and_read_back_as_it_is(
    registry: SchemaRegistry,
) -> None:
    events = list(event_schemas())
    first = await register(registry, events)
    assert set(standings(first)) <= {Standing.REGISTERED, Standing.PRESENT}
    assert standings(await register(registry, events)) == [Standing.PRESENT] * len(events)
    assert standings(await check(registry, events)) == [Standing.PRESENT] * len(events)
    for found in first:
        assert found.schema_id is not None
        schema = await registry.schema(found.schema_id)
        assert schema is not None
        assert schema.definition == found.wanted.schema.definition
    assert {found.wanted.subject for found in first} <= await registry.subjects()


async def test_versions_are_held_to_what_is_demanded(registry: SchemaRegistry, name: str) -> None:
    one, two = record(name, ("to", None)), record(name, ("to", None), ("subject", ""))
    bad = record(name, ("to", None), ("subject", ""), ("copies", None))
    assert standings(await check(registry, [one, two])) == [Standing.MISSING] * 2
    assert standings(await register(registry, [one, two])) == [Standing.REGISTERED] * 2
    (found,) = await check(registry, [bad])
    assert found.standing is Standing.INCOMPATIBLE
    (found,) = await register(registry, [bad])
    assert (found.standing, found.schema_id) == (Standing.INCOMPATIBLE, None)
    assert found.detail
    with pytest.raises(IncompatibleSubjectError, match=f"refuses a version of {name}"):
        await registry.register(name, bad.schema)


async def test_all_versions_count_not_only_the_last(registry: SchemaRegistry, name: str) -> None:
    without, with_default = record(name, ("to", None)), record(name, ("to", None), ("subject", ""))
    required = record(name, ("to", None), ("subject", None))
    await register(registry, [without, with_default])
    (found,) = await register(registry, [required])
    assert found.standing is Standing.INCOMPATIBLE, "it reads the second version but not the first"


async def test_a_level_that_somebody_lowered_is_raised_again(
    registry: SchemaRegistry, name: str
) -> None:
    await register(registry, [record(name, ("to", None))])
    await registry._asked("PUT", f"/config/{name}", {"compatibility": "NONE"})  # noqa: SLF001 - nobody else may
    (found,) = await register(registry, [record(name, ("to", None), ("copies", None))])
    assert found.standing is Standing.INCOMPATIBLE
