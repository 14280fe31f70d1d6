"""Values of the state tables in bytes: framed like events, by the schemas of `avro/state`."""

from typing import Any, Final

from joblog.schemas.avro_schema import AvroSchema
from joblog.schemas.catalog import committed, latest
from joblog.schemas.errors import UnknownSchemaError
from joblog.schemas.framing import frame, unframe

LATEST: Final = latest("state")
_WRITERS: Final = {found.schema.fingerprint: found.schema for found in committed("state")}


def write(name: str, datum: dict[str, object]) -> bytes:
    """Return a framed value."""
    schema = LATEST[name]
    return frame(schema.fingerprint, schema.write(datum))


def read(name: str, value: bytes) -> dict[str, Any]:
    """Return the datum in a framed value.

    Raises:
        UnknownSchemaError: a newer version of joblog wrote it.
        UndecodableError: it is no such value.
    """
    writer, found = _taken_apart(value)
    return LATEST[name].read(found, writer)


def body(name: str, value: bytes) -> bytes:
    """Return the Avro body of a framed value, as the newest schema would write it.

    Raises:
        UnknownSchemaError, UndecodableError: as `read`.
    """
    writer, found = _taken_apart(value)
    schema = LATEST[name]
    return found if writer is schema else schema.write(schema.read(found, writer))


def _taken_apart(value: bytes) -> tuple[AvroSchema, bytes]:
    fingerprint, found = unframe(value)
    writer = _WRITERS.get(fingerprint)
    if writer is None:
        raise UnknownSchemaError(fingerprint)
    return writer, found
