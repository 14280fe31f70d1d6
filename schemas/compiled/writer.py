"""A function that encodes data of one record schema."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from struct import error
from typing import Any, Final

from joblog.schemas.compiled.source import Body, Module, UnsupportedError, branches_of
from joblog.schemas.compiled.varint import long

Write = Callable[[Any], bytes]

CANNOT_WRITE: Final = (LookupError, TypeError, ValueError, AttributeError, error)
"""What such a function raises for what is fastavro's."""

ITEM: Final = "{}[{!r}]"
"""Fields of records are got from mappings."""

ATTRIBUTE: Final = "{}.{}"
"""They are got from objects."""


def compile_writer(schema: Mapping[str, Any], access: str = ITEM) -> Write | None:
    """Return a function from a datum to its bytes, None where the schema has a type that it cannot do.

    Args:
        schema: a record schema, parsed by fastavro, without logical types.
        access: `ITEM` or `ATTRIBUTE`.
    """
    module = Module()
    try:
        name = add_writer(module, schema, access)
    except UnsupportedError:
        return None
    write: Write = module.run()[name]
    return write


def add_writer(module: Module, schema: Mapping[str, Any], access: str) -> str:
    """Add such a function to a module, and return its name.

    Raises:
        UnsupportedError: the schema has a type that it cannot do.
    """
    body = Body(module, "parts: list[bytes] = []")
    _Writer(body, access).write(schema, "datum")
    body.add("return b''.join(parts)")
    return module.function("(datum: Any) -> bytes", body)


class _Writer:
    """Adds to a body what writes data; values are expressions."""

    def __init__(self, body: Body, access: str) -> None:
        self._body = body
        self._access = access

    def write(self, schema: Any, value: str) -> None:  # noqa: ANN401 - JSON
        if isinstance(schema, list):
            self._union(schema, value)
        elif isinstance(schema, str):
            self._primitive(schema, value)
        else:
            self._complex(schema, value)

    def _complex(self, schema: Mapping[str, Any], value: str) -> None:
        match schema["type"]:
            case "record":
                for field in schema["fields"]:
                    self.write(field["type"], self._field(value, field["name"]))
            case "array":
                with self._items(value) as item:
                    self.write(schema["items"], item)
            case "map":
                with self._items(f"{value}.items()") as entry:
                    self.write("string", f"{entry}[0]")
                    self.write(schema["values"], f"{entry}[1]")
            case "enum":
                numbers = {symbol: long(place) for place, symbol in enumerate(schema["symbols"])}
                self._put(f"{self._body.module.constant(repr(numbers))}[{value}]")
            case "fixed":
                name = self._named(value)
                self._body.add(f"if len({name}) != {int(schema['size'])}: raise ValueError")
                self._put(name)
            case kind:
                self._primitive(kind, value)

    def _primitive(self, kind: str, value: str) -> None:
        match kind:
            case "boolean":
                self._put(f"b'\\x01' if {value} else b'\\x00'")
            case "int":
                self._put(f"int_({value})")
            case "long":
                self._put(f"long({value})")
            case "float" | "double":
                self._put(f"pack_{kind}({value})")
            case "bytes":
                name = self._named(value)
                self._put(f"long(len({name}))", name)
            case "string":
                name = self._named(f"{value}.encode()")
                self._put(f"long(len({name}))", name)
            case _:
                raise UnsupportedError

    def _union(self, union: list[Any], value: str) -> None:
        null, other = branches_of(union)
        name = self._named(value)
        with self._body.block(f"if {name} is None:"):
            self._put(repr(long(null)))
        with self._body.block("else:"):
            self._put(repr(long(other)))
            self.write(union[other], name)

    @contextmanager
    def _items(self, items: str) -> Iterator[str]:
        name, item = self._named(items), self._body.name()
        with self._body.block(f"if {name}:"):
            self._put(f"long(len({name}))")
            with self._body.block(f"for {item} in {name}:"):
                yield item
        self._put(r"b'\x00'")

    def _field(self, value: str, name: str) -> str:
        if self._access == ATTRIBUTE and not name.isidentifier():
            raise UnsupportedError
        return self._access.format(value, name)

    def _named(self, value: str) -> str:
        name = self._body.name()
        self._body.add(f"{name} = {value}")
        return name

    def _put(self, *parts: str) -> None:
        self._body.add(*(f"parts.append({part})" for part in parts))
