"""docs/events.md, from the schemas."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from joblog.schemas.avro_schema import AvroSchema
from joblog.schemas.catalog import committed, latest
from joblog.streams.documents.markdown import code, document, table

_INTRODUCTION: Final = """\
Every record on every topic is one of these events, except the tables' rows below them. A value is
Avro single-object encoding: the bytes `C3 01`, the CRC-64-AVRO fingerprint of the schema in 8
little-endian bytes, and the body. The schemas lie in `schemas/avro`, with an example of each in
`schemas/examples`; [contract.md](contract.md) says how to write them from any language."""


def events_document() -> str:
    """Return the document."""
    parts = [
        _section(folder, schema)
        for folder in ("events", "state")
        for schema in latest(folder).values()
    ]
    return document("Events", _INTRODUCTION, *parts)


def _section(folder: str, schema: AvroSchema) -> str:
    name = schema.name.rpartition(".")[2]
    versions = ", ".join(
        f"{found.version} (`{found.schema.fingerprint.hex()}`)"
        for found in committed(folder)
        if found.name == name
    )
    fields = table(
        ("Field", "Type", "Default", "Meaning"), map(_field, schema.definition["fields"])
    )
    return f"## {name}\n\n{schema.definition['doc']} Versions: {versions}.\n\n{fields}"


def _field(field: Mapping[str, Any]) -> tuple[str, ...]:
    default = code(repr(field["default"])) if "default" in field else ""
    return code(field["name"]), _type(field["type"]), default, field["doc"]


def _type(type_: Any) -> str:  # noqa: ANN401  # JSON
    if isinstance(type_, list):
        return " or ".join(map(_type, type_))
    if isinstance(type_, str):
        return type_
    return " ".join(_named(type_))


def _named(type_: Mapping[str, Any]) -> Iterator[str]:
    match type_["type"]:
        case "array":
            yield f"array of {_type(type_['items'])}"
        case "map":
            yield f"map of {_type(type_['values'])}"
        case "record" | "fixed":
            yield type_["name"]
        case plain:
            yield type_.get("logicalType", plain)
