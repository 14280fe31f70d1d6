"""Which schemas a registry is to have, and whether it has them."""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import NamedTuple

from joblog.schemas.avro_schema import AvroSchema
from joblog.schemas.catalog import committed
from joblog.schemas.codec import NAMESPACE
from joblog.schemas.payloads import is_return_value
from joblog.streams.registry.client import Compatibility, SchemaRegistry
from joblog.streams.registry.errors import IncompatibleSubjectError


class Standing(StrEnum):
    """How things stand with a schema."""

    PRESENT = "present"
    """The registry had it."""
    REGISTERED = "registered"
    """It was registered just now."""
    MISSING = "missing"
    """The registry has it not, and would take it."""
    INCOMPATIBLE = "incompatible"
    """The registry does not take it."""


class Wanted(NamedTuple):
    """A schema that a registry is to have.

    Attributes:
        schema: the schema.
        compatibility: what its subject is held to.
    """

    schema: AvroSchema
    compatibility: Compatibility

    @property
    def subject(self) -> str:
        """Its subject: the full name of its record (Confluent's RecordNameStrategy)."""
        return self.schema.name


class Found(NamedTuple):
    """How things stand with a wanted schema.

    Attributes:
        wanted: the schema.
        standing: how it stands.
        schema_id: its id in the registry, None where it has none.
        detail: why the registry does not take it.
    """

    wanted: Wanted
    standing: Standing
    schema_id: int | None = None
    detail: str = ""


def event_schemas() -> Iterator[Wanted]:
    """Yield every version of every event, the older ones first."""
    for found in committed("events"):
        yield Wanted(found.schema, Compatibility.FULL_TRANSITIVE)


def payload_schemas(announced: Iterable[AvroSchema]) -> Iterator[Wanted]:
    """Yield those of announced schemas that stand for payloads and results, in their order."""
    for schema in announced:
        if not schema.name.startswith(f"{NAMESPACE}.") and not is_return_value(schema):
            yield Wanted(schema, Compatibility.BACKWARD_TRANSITIVE)


async def register(registry: SchemaRegistry, wanted: Iterable[Wanted]) -> list[Found]:
    """Register schemas in their order, and hold their subjects to what is demanded of them.

    Raises:
        RegistryUnavailableError: the registry does not answer.
    """
    subjects = set(await registry.subjects())
    found = []
    for one in wanted:
        if one.subject in subjects:
            await registry.demand(one.subject, one.compatibility)
        found.append(await _register(registry, one))
        if one.subject not in subjects:
            subjects.add(one.subject)
            await registry.demand(one.subject, one.compatibility)
    return found


async def check(registry: SchemaRegistry, wanted: Iterable[Wanted]) -> list[Found]:
    """Say how things stand with schemas, and change nothing.

    Raises:
        RegistryUnavailableError: the registry does not answer.
    """
    subjects = await registry.subjects()
    return [await _check(registry, one, subjects) for one in wanted]


async def _register(registry: SchemaRegistry, wanted: Wanted) -> Found:
    known = await registry.id_in(wanted.subject, wanted.schema)
    if known is not None:
        return Found(wanted, Standing.PRESENT, known)
    try:
        schema_id = await registry.register(wanted.subject, wanted.schema)
    except IncompatibleSubjectError as error:
        return Found(wanted, Standing.INCOMPATIBLE, detail=error.reason)
    return Found(wanted, Standing.REGISTERED, schema_id)


async def _check(registry: SchemaRegistry, wanted: Wanted, subjects: frozenset[str]) -> Found:
    if wanted.subject not in subjects:
        return Found(wanted, Standing.MISSING)
    known = await registry.id_in(wanted.subject, wanted.schema)
    if known is not None:
        return Found(wanted, Standing.PRESENT, known)
    conflict = await registry.conflict_in(wanted.subject, wanted.schema)
    if conflict is None:
        return Found(wanted, Standing.MISSING)
    return Found(wanted, Standing.INCOMPATIBLE, detail=conflict)
