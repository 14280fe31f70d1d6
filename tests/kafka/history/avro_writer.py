"""Writes the contract's Avro values from the schema files, as a producer of any language would."""

import json
from collections.abc import Mapping
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any, Final, NamedTuple

from fastavro import parse_schema, schemaless_writer
from fastavro.schema import fingerprint, to_parsing_canonical_form

SCHEMA_FILES: Final = Path(__file__).parents[3] / "schemas" / "avro"


class WriterSchema(NamedTuple):
    """A schema to write with, and what stands before each value that it writes."""

    definition: dict[str, Any]
    parsed: Any
    header: bytes

    @classmethod
    def of(cls, definition: dict[str, Any]) -> "WriterSchema":
        canonical = to_parsing_canonical_form(definition)
        header = b"\xc3\x01" + bytes.fromhex(fingerprint(canonical, "CRC-64-AVRO"))
        return cls(definition, parse_schema(definition), header)

    @property
    def fingerprint(self) -> bytes:
        return self.header[2:]

    def encode(self, datum: Mapping[str, object]) -> bytes:
        buffer = BytesIO(self.header)
        buffer.seek(len(self.header))
        schemaless_writer(buffer, self.parsed, datum)
        return buffer.getvalue()

    def announcement(self) -> dict[str, Any]:
        """The fields that announce it."""
        return {
            "fingerprint": self.fingerprint,
            "name": f"joblog.{self.definition['name']}",
            "definition": json.dumps(self.definition),
        }


@cache
def committed(name: str, folder: str = "events", version: int = 1) -> WriterSchema:
    """A version of a schema, by default the first."""
    file = SCHEMA_FILES / folder / name / f"v{version}.avsc"
    return WriterSchema.of(json.loads(file.read_text()))
