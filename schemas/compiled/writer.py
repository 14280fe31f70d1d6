"""A function that encodes data of one record schema."""

from collections.abc import Callable, Mapping
from struct import Struct, error
from typing import Any, Final

from joblog.schemas.compiled.source import Source, UnsupportedSchemaError, branches_of
from joblog.schemas.compiled.varint import int_, long

Write = Callable[[Any], bytes]

CANNOT_WRITE: Final = (LookupError, TypeError, ValueError, AttributeError, error)
"""What such a function raises for what is fastavro's."""

ITEM: Final = "{}[{!r}]"
ATTRIBUTE: Final = "{}.{}"

_KNOWN: Final = {
    "int_": int_,
    "long": long,
    "float_": Struct("<f").pack,
    "double": Struct("<d").pack,
}


def compile_writer(schema: Mapping[str, Any], access: str = ITEM) -> Write | None:
    """Return a function from a datum to its bytes, None where the schema has a type that it cannot do.

    Args:
        schema: a record schema, parsed by fastavro, without logical types.
        access: how fields of records are got: `ITEM` from mappings, `ATTRIBUTE` from objects.
    """
    source = Source(_KNOWN, access)
    source.add("parts = []", "put = parts.append")
    try:
        _write(source, schema, "datum")
    except UnsupportedSchemaError:
        return None
    source.add("return b''.join(parts)")
    write: Write = source.function("write(datum)")
    return write


def _write(source: Source, schema: Any, value: str) -> None:  # noqa: ANN401 - JSON
    if isinstance(schema, list):
        _write_union(source, schema, value)
        return
    if isinstance(schema, str):
        _write_primitive(source, schema, value)
        return
    match schema["type"]:
        case "record":
            source.add("pass")  # it may have no fields
            for field in schema["fields"]:
                _write(source, field["type"], _field(source, value, field["name"]))
        case "array":
            _write_block(source, value, lambda item: _write(source, schema["items"], item))
        case "map":
            _write_block(
                source, f"{value}.items()", lambda item: _write_entry(source, schema, item)
            )
        case "enum":
            numbers = {symbol: long(number) for number, symbol in enumerate(schema["symbols"])}
            source.add(f"put({source.name(numbers)}[{value}])")
        case "fixed":
            name = source.name()
            source.add(f"{name} = {value}")
            source.add(f"if len({name}) != {int(schema['size'])}: raise ValueError")
            source.add(f"put({name})")
        case kind:
            _write_primitive(source, kind, value)


def _field(source: Source, value: str, name: str) -> str:
    if source.access == ATTRIBUTE and not name.isidentifier():
        raise UnsupportedSchemaError
    return source.access.format(value, name)


def _write_primitive(source: Source, kind: str, value: str) -> None:
    match kind:
        case "boolean":
            source.add(f"put(b'\\x01' if {value} else b'\\x00')")
        case "int":
            source.add(f"put(int_({value}))")
        case "long":
            source.add(f"put(long({value}))")
        case "float":
            source.add(f"put(float_({value}))")
        case "double":
            source.add(f"put(double({value}))")
        case "bytes" | "string":
            name = source.name()
            source.add(f"{name} = {value}" if kind == "bytes" else f"{name} = {value}.encode()")
            source.add(f"put(long(len({name})))", f"put({name})")
        case _:
            raise UnsupportedSchemaError


def _write_union(source: Source, union: list[Any], value: str) -> None:
    null, other = branches_of(union)
    name = source.name()
    source.add(f"{name} = {value}", f"if {name} is None:")
    source.depth += 1
    source.add(f"put({long(null)!r})")
    source.depth -= 1
    source.add("else:")
    source.depth += 1
    source.add(f"put({long(other)!r})")
    _write(source, union[other], name)
    source.depth -= 1


def _write_block(source: Source, items: str, write: Callable[[str], None]) -> None:
    name, item = source.name(), source.name()
    source.add(f"{name} = {items}", f"if {name}:")
    source.depth += 1
    source.add(f"put(long(len({name})))", f"for {item} in {name}:")
    source.depth += 1
    write(item)
    source.depth -= 2
    source.add(r"put(b'\x00')")


def _write_entry(source: Source, schema: Mapping[str, Any], entry: str) -> None:
    _write(source, "string", f"{entry}[0]")
    _write(source, schema["values"], f"{entry}[1]")
