"""A parsed Avro schema with its fingerprint, ready to read and write."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from typing import Any, Final

from fastavro import parse_schema, schemaless_reader, schemaless_writer
from fastavro.schema import fingerprint, to_parsing_canonical_form

from joblog.schemas.compiled import (
    ATTRIBUTE,
    CANNOT_READ,
    CANNOT_WRITE,
    Read,
    Write,
    compile_reader,
    compile_writer,
)
from joblog.schemas.compiled.making import OBJECT_WRITER, READER, WRITER, made
from joblog.schemas.errors import UndecodableError

ALGORITHM: Final = "CRC-64-AVRO"
_ANNOTATIONS: Final = ("logicalType", "precision", "scale")


@dataclass(frozen=True)
class AvroSchema:
    """One version of a schema.

    Attributes:
        name: full name, such as `joblog.JobSubmitted`.
        fingerprint: CRC-64-AVRO of the parsing canonical form, 8 bytes little-endian.
        definition: the schema as published, logical types included.
        parsed: fastavro's form, without logical types: times stay integers.
    """

    name: str
    fingerprint: bytes
    definition: Mapping[str, Any]
    parsed: Any

    @cached_property
    def writes(self) -> Write | None:
        """A function made for this schema, None where it has what only fastavro can do."""
        return self._made(WRITER) or compile_writer(self.parsed)

    @cached_property
    def writes_objects(self) -> Write | None:
        """The same, for objects whose attributes are the fields."""
        return self._made(OBJECT_WRITER) or compile_writer(self.parsed, ATTRIBUTE)

    @cached_property
    def reads(self) -> Read | None:
        """The same as `writes`."""
        return self._made(READER) or compile_reader(self.parsed)

    @cached_property
    def _logical_types(self) -> tuple[str, ...]:
        return tuple(
            _logical_types(self.definition, "")
        )  # compared for each record, and never another

    def _made(self, kind: str) -> Any:  # noqa: ANN401 - any of these functions
        return made().get((kind, self.fingerprint))

    def __reduce__(self) -> tuple[Any, ...]:
        """Be made again where it is unpickled: functions made for it cannot be pickled."""
        return AvroSchema.of, (self.definition,)

    @classmethod
    def of(cls, definition: Mapping[str, Any]) -> "AvroSchema":
        """Parse a schema definition."""
        plain: Any = _without_logical_types(definition)
        parsed: Any = parse_schema(plain)
        return cls(str(parsed["name"]), fingerprint_of(definition), definition, parsed)

    @classmethod
    def from_json(cls, text: str) -> "AvroSchema":
        """Parse a schema in JSON."""
        return cls.of(json.loads(text))

    def to_json(self) -> str:
        """Return the definition as compact JSON, equal for equal definitions."""
        return json.dumps(self.definition, sort_keys=True, separators=(",", ":"))

    def logical_types(self) -> tuple[str, ...]:
        """Return what the fingerprint leaves out: path and annotations of each logical type."""
        return self._logical_types

    def part(self, fields: slice) -> "AvroSchema":
        """Return the schema of some neighbouring fields of this record: its bytes are a part of this one's."""
        return AvroSchema.of({**self.definition, "fields": self.definition["fields"][fields]})

    def write(self, datum: Mapping[str, Any]) -> bytes:
        """Encode a datum, without a header."""
        if self.writes is not None:
            try:
                return self.writes(datum)
            except CANNOT_WRITE:
                pass  # fastavro can, or says what is wrong
        buffer = BytesIO()
        schemaless_writer(buffer, self.parsed, datum, disable_tuple_notation=True)
        return buffer.getvalue()

    def write_object(self, record: Any, datum_of: Callable[[], Mapping[str, Any]]) -> bytes:  # noqa: ANN401
        """Encode an object whose attributes are the fields, without a header.

        Args:
            record: the object; records in it are such objects too.
            datum_of: gives the object as a datum, which is asked for where only fastavro can write it.
        """
        if self.writes_objects is not None:
            try:
                return self.writes_objects(record)
            except CANNOT_WRITE:
                pass  # as above
        return self.write(datum_of())

    def read(self, body: bytes, writer: "AvroSchema | None" = None) -> dict[str, Any]:
        """Decode a body that `writer` (by default this schema) wrote.

        Raises:
            UndecodableError: the body is cut short, too long, or no such datum.
        """
        datum, rest = self.read_first(body, writer)
        if rest:
            raise UndecodableError(f"{len(rest)} bytes follow the {self.name}")
        return datum

    def read_first(
        self, body: bytes, writer: "AvroSchema | None" = None
    ) -> tuple[dict[str, Any], bytes]:
        """Decode the datum that a body begins with; return it and what follows.

        Raises:
            UndecodableError: the body is cut short, or begins with no such datum.
        """
        written_by = self.parsed if writer is None else writer.parsed
        resolved = None if written_by is self.parsed else self.parsed
        if resolved is None and self.reads is not None:
            try:
                datum, end = self.reads(body)
            except CANNOT_READ:
                pass  # fastavro can, or says what is wrong
            else:
                return datum, body[end:]
        buffer = BytesIO(body)
        try:
            found = schemaless_reader(buffer, written_by, resolved)
        except MemoryError:
            raise
        except Exception as error:  # whatever else garbage makes the reader raise, it is at fault
            raise UndecodableError(
                f"the body is no {self.name} ({type(error).__name__}: {error})"
            ) from error
        return found, buffer.read()  # type: ignore[return-value]  # a record schema yields a dict


def fingerprint_of(definition: Mapping[str, Any]) -> bytes:
    """Return the CRC-64-AVRO fingerprint of a schema: 8 bytes, little-endian."""
    return bytes.fromhex(fingerprint(to_parsing_canonical_form(dict(definition)), ALGORITHM))


def _logical_types(schema: object, path: str) -> Iterator[str]:
    if isinstance(schema, Mapping):
        if "logicalType" in schema:
            yield f"{path}: {[(key, schema.get(key)) for key in _ANNOTATIONS]}"
        for key, value in schema.items():
            yield from _logical_types(value, f"{path}/{schema.get('name', key)}")
    elif isinstance(schema, list):
        for index, item in enumerate(schema):
            yield from _logical_types(item, f"{path}/{index}")


def _without_logical_types(schema: object) -> object:
    if isinstance(schema, Mapping):
        return {
            key: _without_logical_types(value)
            for key, value in schema.items()
            if key != "logicalType"
        }
    if isinstance(schema, list):
        return [_without_logical_types(item) for item in schema]
    return schema
