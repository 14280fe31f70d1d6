"""A function that decodes data of one record schema."""

from collections.abc import Callable, Mapping
from struct import Struct, error
from typing import Any, Final

from joblog.schemas.compiled.source import Source, UnsupportedSchemaError, branches_of
from joblog.schemas.compiled.varint import read_long, read_size

Read = Callable[[bytes], tuple[dict[str, Any], int]]

CANNOT_READ: Final = (LookupError, ValueError, error)
"""What such a function raises for what is fastavro's."""

_KNOWN: Final = {
    "read_long": read_long,
    "read_size": read_size,
    "float_": Struct("<f").unpack_from,
    "double": Struct("<d").unpack_from,
}
_SIZES: Final = {"float": 4, "double": 8}


def compile_reader(schema: Mapping[str, Any]) -> Read | None:
    """Return a function from bytes to the datum that they begin with and the place after it.

    Args:
        schema: a record schema, parsed by fastavro, without logical types.

    Returns:
        None where the schema has a type that such a function cannot do.
    """
    source = Source(_KNOWN)
    source.add("at, end = 0, len(body)")
    try:
        datum = _read(source, schema)
    except UnsupportedSchemaError:
        return None
    source.add(f"return {datum}, at")
    read: Read = source.function("read(body)")
    return read


def _read(source: Source, schema: Any) -> str:  # noqa: ANN401 - JSON
    """Add what reads a datum, and return the expression of its value."""
    if isinstance(schema, list):
        return _read_union(source, schema)
    if isinstance(schema, str):
        return _read_primitive(source, schema)
    return _read_complex(source, schema)


def _read_complex(source: Source, schema: Mapping[str, Any]) -> str:
    match schema["type"]:
        case "record":
            fields = [(field["name"], _read(source, field["type"])) for field in schema["fields"]]
            return "{" + ", ".join(f"{name!r}: {value}" for name, value in fields) + "}"
        case "array":
            return _read_items(source, schema["items"])
        case "map":
            return _read_entries(source, schema["values"])
        case "enum":
            number = _read_primitive(source, "long")
            source.add(f"if {number} < 0: raise ValueError")
            return f"{source.name(tuple(schema['symbols']))}[{number}]"
        case "fixed":
            return _read_slice(source, str(int(schema["size"])))
        case kind:
            return _read_primitive(source, kind)


def _read_primitive(source: Source, kind: str) -> str:
    name = source.name()
    match kind:
        case "boolean":
            source.add(f"{name} = body[at]", f"if {name} > 1: raise ValueError", "at += 1")
            return f"{name} == 1"
        case "int" | "long":
            source.add(
                f"{name} = body[at]",
                f"if {name} < 128: {name}, at = ({name} >> 1) ^ -({name} & 1), at + 1",
                f"else: {name}, at = read_long(body, at)",
            )
            return name
        case "float" | "double":
            unpack = "float_" if kind == "float" else kind
            source.add(f"({name},) = {unpack}(body, at)", f"at += {_SIZES[kind]}")
            return name
        case "bytes":
            return _read_slice(source, _read_size(source))
        case "string":
            found = _read_slice(source, _read_size(source))
            source.add(f"{found} = {found}.decode()")
            return found
        case _:
            raise UnsupportedSchemaError


def _read_size(source: Source) -> str:
    size = source.name()
    source.add(
        f"{size} = body[at]",
        f"if {size} & 129: {size}, at = read_size(body, at)",  # several bytes, or negative
        f"else: {size}, at = {size} >> 1, at + 1",
    )
    return size


def _read_slice(source: Source, size: str) -> str:
    found, after = source.name(), source.name()
    source.add(f"{after} = at + {size}", f"if {after} > end: raise ValueError")
    source.add(f"{found} = body[at:{after}]", f"at = {after}")
    return found


def _read_union(source: Source, union: list[Any]) -> str:
    null, other = branches_of(union)
    found = source.name()
    source.add(f"{found} = body[at]", "at += 1")
    source.add(f"if {found} == {null * 2}: {found} = None", f"elif {found} == {other * 2}:")
    source.depth += 1
    source.add(f"{found} = {_read(source, union[other])}")
    source.depth -= 1
    source.add("else: raise ValueError")
    return found


def _read_items(source: Source, items: Any) -> str:  # noqa: ANN401 - JSON
    found = source.name()
    source.add(f"{found} = []")
    _read_block(source, lambda: source.add(f"{found}.append({_read(source, items)})"))
    return found


def _read_entries(source: Source, values: Any) -> str:  # noqa: ANN401 - JSON
    found = source.name()

    def read_entry() -> None:
        key = _read_primitive(source, "string")
        source.add(f"{found}[{key}] = {_read(source, values)}")

    source.add(f"{found} = {{}}")
    _read_block(source, read_entry)
    return found


def _read_block(source: Source, read: Callable[[], None]) -> None:
    """Read no block or one; several are as right, but nobody writes them."""
    size = _read_size(source)
    source.add(f"if {size}:")
    source.depth += 1
    source.add(f"if {size} > end - at: raise ValueError")  # items without bytes would have no end
    source.add(f"for _ in range({size}):")
    source.depth += 1
    read()
    source.depth -= 1
    source.add("if body[at]: raise ValueError", "at += 1")
    source.depth -= 1
