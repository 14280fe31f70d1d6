"""Decodes the contract's Avro values from the schema files alone.

Source: Apache Avro specification, "Single-object encoding" and "Schema Resolution".
"""

import json
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any, Final, NamedTuple

from fastavro import parse_schema, schemaless_reader
from fastavro.schema import to_parsing_canonical_form

from tests.history.crc64 import crc_64_avro
from tests.history.errors import UndecodableValueError, UnknownFingerprintError

SCHEMA_FILES: Final = Path(__file__).parents[2] / "schemas" / "avro"
NAMESPACE: Final = "joblog."
MAGIC: Final = b"\xc3\x01"
HEADER_BYTES: Final = 10


class Datum(NamedTuple):
    """A decoded value: the short name of its schema, and its fields. Times are ms, as integers."""

    name: str
    fields: dict[str, Any]


class _Schema(NamedTuple):
    name: str
    fingerprint: bytes
    parsed: Any


class Decoder:
    """Decodes values of all schema files, and of what was announced to it."""

    def __init__(self) -> None:
        self._writers: dict[bytes, _Schema] = {}
        self._newest: dict[str, Any] = {}
        for definition in _committed():
            schema = _parse(definition)
            self._writers[schema.fingerprint] = schema
            self._newest[schema.name] = schema.parsed

    def learn(self, fingerprint: bytes, definition: str) -> bool:
        """Take in an announced schema; return False where it is not the one of its fingerprint."""
        try:
            schema = _parse(json.loads(definition))
        except Exception:  # noqa: BLE001 - whatever is wrong with it, it is no schema
            return False
        if schema.fingerprint != fingerprint:
            return False
        self._writers.setdefault(fingerprint, schema)
        return True

    def decode(self, value: bytes | None) -> Datum:
        """Return what a value says, as the newest committed version of its schema says it.

        Raises:
            UnknownFingerprintError: its schema is not known so far.
            UndecodableValueError: it is no datum of the contract, whatever is announced later.
        """
        if value is None:
            raise UndecodableValueError("the value is null")
        if len(value) < HEADER_BYTES or value[:2] != MAGIC:
            raise UndecodableValueError(f"{len(value)} bytes that begin with {value[:4].hex()!r}")
        writer = self._writers.get(value[2:HEADER_BYTES])
        if writer is None:
            raise UnknownFingerprintError(value[2:HEADER_BYTES])
        newest = self._newest.get(writer.name)
        if newest is None:
            raise UndecodableValueError(f"{writer.name} is no schema of the contract")
        return Datum(writer.name.removeprefix(NAMESPACE), _read(value, writer, newest))


def _read(value: bytes, writer: _Schema, newest: Any) -> dict[str, Any]:  # noqa: ANN401 - fastavro's form
    buffer = BytesIO(value)
    buffer.seek(HEADER_BYTES)
    reader = None if newest is writer.parsed else newest
    try:
        fields = schemaless_reader(buffer, writer.parsed, reader)
    except Exception as error:  # garbage makes the reader raise whatever it meets first
        raise UndecodableValueError(f"no {writer.name}: {type(error).__name__}: {error}") from error
    if buffer.tell() != len(value):
        raise UndecodableValueError(f"{len(value) - buffer.tell()} bytes follow the {writer.name}")
    return fields  # type: ignore[return-value]  # the contract's schemas are records


def _committed() -> Iterator[Any]:
    """Yield all schema files, older versions first."""
    for path in sorted(SCHEMA_FILES.glob("*/*/v*.avsc"), key=lambda path: int(path.stem[1:])):
        yield json.loads(path.read_text())


def _parse(definition: Any) -> _Schema:  # noqa: ANN401 - JSON
    parsed: Any = parse_schema(_without_logical_types(definition))
    canonical = to_parsing_canonical_form(definition)
    return _Schema(parsed["name"], crc_64_avro(canonical.encode()), parsed)


def _without_logical_types(schema: Any) -> Any:  # noqa: ANN401 - JSON
    if isinstance(schema, dict):
        return {
            key: _without_logical_types(value)
            for key, value in schema.items()
            if key != "logicalType"
        }
    if isinstance(schema, list):
        return [_without_logical_types(item) for item in schema]
    return schema
