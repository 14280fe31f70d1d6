"""A function that decodes data of one record schema."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from struct import error
from typing import Any, Final

from joblog.schemas.compiled.source import Body, Module, UnsupportedError, branches_of

Read = Callable[[bytes], tuple[dict[str, Any], int]]

CANNOT_READ: Final = (LookupError, ValueError, error)
"""What such a function raises for what is fastavro's."""

_SIZES: Final = {"float": 4, "double": 8}


def compile_reader(schema: Mapping[str, Any]) -> Read | None:
    """Return a function from bytes to the datum that they begin with and the place after it.

    Args:
        schema: a record schema, parsed by fastavro, without logical types.

    Returns:
        None where the schema has a type that such a function cannot do.
    """
    module = Module()
    try:
        name = add_reader(module, schema)
    except UnsupportedError:
        return None
    read: Read = module.run()[name]
    return read


def add_reader(module: Module, schema: Mapping[str, Any]) -> str:
    """Add such a function to a module, and return its name.

    Raises:
        UnsupportedError: the schema has a type that it cannot do.
    """
    body = Body(module, "at, end = 0, len(body)")
    body.add(f"return {_Reader(body).read(schema)}, at")
    return module.function("(body: bytes) -> tuple[dict[str, Any], int]", body)


class _Reader:
    """Adds to a body what reads data, and gives the expressions of their values."""

    def __init__(self, body: Body) -> None:
        self._body = body

    def read(self, schema: Any) -> str:  # noqa: ANN401 - JSON
        if isinstance(schema, list):
            return self._union(schema)
        if isinstance(schema, str):
            return self._primitive(schema)
        return self._complex(schema)

    def _complex(self, schema: Mapping[str, Any]) -> str:
        match schema["type"]:
            case "record":
                fields = [(field["name"], self.read(field["type"])) for field in schema["fields"]]
                return "{" + ", ".join(f"{name!r}: {value}" for name, value in fields) + "}"
            case "array":
                return self._items(schema["items"])
            case "map":
                return self._entries(schema["values"])
            case "enum":
                number = self._primitive("long")
                self._body.add(f"if {number} < 0: raise ValueError")
                return f"{self._body.module.constant(repr(tuple(schema['symbols'])))}[{number}]"
            case "fixed":
                return self._slice(str(int(schema["size"])))
            case kind:
                return self._primitive(kind)

    def _primitive(self, kind: str) -> str:
        name = self._body.name()
        match kind:
            case "boolean":
                self._body.add(f"{name} = body[at]", f"if {name} > 1: raise ValueError", "at += 1")
                return f"{name} == 1"
            case "int" | "long":
                self._body.add(
                    f"{name} = body[at]",
                    f"if {name} < 128: {name}, at = ({name} >> 1) ^ -({name} & 1), at + 1",
                    f"else: {name}, at = read_long(body, at)",
                )
            case "float" | "double":
                self._body.add(f"({name},) = unpack_{kind}(body, at)", f"at += {_SIZES[kind]}")
            case "bytes":
                return self._slice(self._size())
            case "string":
                self._body.add(f"{name} = {self._slice(self._size())}.decode()")
            case _:
                raise UnsupportedError
        return name

    def _size(self) -> str:
        size = self._body.name()
        self._body.add(
            f"{size} = body[at]",
            f"if {size} & 129: {size}, at = read_size(body, at)",  # several bytes, or negative
            f"else: {size}, at = {size} >> 1, at + 1",
        )
        return size

    def _slice(self, size: str) -> str:
        found, after = self._body.name(), self._body.name()
        self._body.add(f"{after} = at + {size}", f"if {after} > end: raise ValueError")
        self._body.add(f"{found} = body[at:{after}]", f"at = {after}")
        return found

    def _union(self, union: list[Any]) -> str:
        null, other = branches_of(union)
        branch, found = self._body.name(), self._body.name()
        self._body.add(f"{branch} = body[at]", "at += 1", f"{found}: Any = None")
        with self._body.block(f"if {branch} == {other * 2}:"):
            self._body.add(f"{found} = {self.read(union[other])}")
        self._body.add(f"elif {branch} != {null * 2}: raise ValueError")
        return found

    def _items(self, items: Any) -> str:  # noqa: ANN401 - JSON
        found = self._body.name()
        self._body.add(f"{found}: list[Any] = []")
        with self._block():
            self._body.add(f"{found}.append({self.read(items)})")
        return found

    def _entries(self, values: Any) -> str:  # noqa: ANN401 - JSON
        found = self._body.name()
        self._body.add(f"{found}: dict[str, Any] = {{}}")
        with self._block():
            key = self.read("string")
            self._body.add(f"{found}[{key}] = {self.read(values)}")
        return found

    @contextmanager
    def _block(self) -> Iterator[None]:
        """Read no block or one; several are as right, but nobody writes them."""
        size = self._size()
        with self._body.block(f"if {size}:"):
            self._body.add(
                f"if {size} > end - at: raise ValueError"
            )  # items without bytes would have no end
            with self._body.block(f"for _ in range({size}):"):
                yield
            self._body.add("if body[at]: raise ValueError", "at += 1")
