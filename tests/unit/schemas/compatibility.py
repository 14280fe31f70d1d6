"""Whether versions of a schema can read each other, as Apache Avro's own library judges it."""

from collections.abc import Iterable, Sequence
from itertools import permutations

from avro.compatibility import ReaderWriterCompatibilityChecker, SchemaCompatibilityType
from avro.schema import parse

from joblog.schemas.avro_schema import AvroSchema
from joblog.schemas.catalog import CommittedSchema
from joblog.schemas.errors import IncompatibleSchemaError


def check_full_transitive(found: Iterable[CommittedSchema]) -> int:
    """Make sure that every version of each schema reads every other; return how many pairs there are.

    Raises:
        IncompatibleSchemaError: a version cannot read another.
    """
    by_name: dict[str, list[CommittedSchema]] = {}
    for schema in found:
        by_name.setdefault(schema.name, []).append(schema)
    pairs = [
        pair for versions in by_name.values() for pair in permutations(_with_itself(versions), 2)
    ]
    for reader, writer in pairs:
        _check(reader, writer)
    return len(pairs)


def _with_itself(versions: Sequence[CommittedSchema]) -> Sequence[CommittedSchema]:
    """A schema has to read itself too, which it does not where Avro refuses one of its defaults."""
    return versions if len(versions) > 1 else [*versions, *versions]


def _check(reader: CommittedSchema, writer: CommittedSchema) -> None:
    checker = ReaderWriterCompatibilityChecker()  # type: ignore[no-untyped-call]  # avro's gap
    result = checker.get_compatibility(
        reader=parse(_json(reader.schema)), writer=parse(_json(writer.schema))
    )
    if result.compatibility is not SchemaCompatibilityType.compatible:
        detail = f"{sorted(result.messages)} at {sorted(result.locations)}"
        raise IncompatibleSchemaError(
            reader.name, f"v{reader.version}", f"v{writer.version}", detail
        )


def _json(schema: AvroSchema) -> str:
    return schema.to_json()
