"""Python source that is written line by line: functions made for schemas and models, and what they refer to."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from typing import Any, Final

INDENT: Final = "    "

HEAD: Final = '''\
"""Functions made for the committed schemas and the models of events; see `joblog.schemas.compiled`."""

import re
from functools import lru_cache
from math import isfinite
from struct import Struct
from typing import Any

from joblog.schemas.compiled.varint import int_, long, read_long, read_size

pack_float, pack_double = Struct("<f").pack, Struct("<d").pack
unpack_float, unpack_double = Struct("<f").unpack_from, Struct("<d").unpack_from
new, put = object.__new__, object.__setattr__
'''


class UnsupportedError(Exception):
    """A schema or model has what no function is made for; never seen outside."""


class Module:
    """A module of such functions, that is run as it is or stored to be compiled."""

    def __init__(self) -> None:
        """Begin without functions."""
        self._texts: list[str] = []
        self._objects: dict[str, Any] = {}
        self._names: dict[object, str] = {}
        self._numbers = count()

    def once(self, key: object, add: Callable[[], str]) -> str:
        """Return the name of what has been added under a key; it is added where it is missing."""
        if key not in self._names:
            self._names[key] = add()
        return self._names[key]

    def function(self, arguments: str, body: "Body") -> str:
        """Take a function with such arguments and result, and return its name."""
        name = self._name("f")
        self._texts.append("\n".join((f"def {name}{arguments}:", *body.lines, "")))
        return name

    def constant(self, expression: str) -> str:
        """Take a value that is worked out once, and return its name."""
        name = self._name("c")
        self._texts.append(f"{name} = {expression}")
        return name

    def of_class(self, kind: type) -> str:
        """Return the name of a class that exists elsewhere."""

        def add() -> str:
            name = self._name("C")
            self._objects[name] = kind
            return name

        return self.once(kind, add)

    def run(self) -> dict[str, Any]:
        """Return the names of the module, as they are when it is run."""
        namespace = dict(self._objects)
        exec("\n".join((HEAD, *self._texts)), namespace)  # noqa: S102 - made here, of schemas that were checked
        return namespace

    def text(self, last: str) -> str:
        """Return the whole module, which ends with some text, for a file."""
        imports = [
            f"from {kind.__module__} import {kind.__qualname__} as {name}"
            for name, kind in self._objects.items()
        ]
        return "\n".join((HEAD, *imports, *self._texts, last, ""))

    def _name(self, kind: str) -> str:
        return f"{kind}{next(self._numbers)}"


class Body:
    """The lines of one function.

    Attributes:
        module: where it will stand.
        lines: the lines so far.
    """

    def __init__(self, module: Module, *lines: str) -> None:
        """Begin with some lines."""
        self.module = module
        self.lines: list[str] = []
        self._depth = 1
        self._numbers = count()
        self.add(*lines)

    def add(self, *lines: str) -> None:
        """Add lines at the present depth."""
        self.lines += [INDENT * self._depth + line for line in lines]

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        """Add lines below a head, such as `if x:`."""
        self.add(head)
        self._depth += 1
        length = len(self.lines)
        yield
        if len(self.lines) == length:
            self.add("pass")
        self._depth -= 1

    def name(self) -> str:
        """Return a new local name."""
        return f"x{next(self._numbers)}"


def branches_of(union: Sequence[Any]) -> tuple[int, int]:
    """Return the numbers of null and of the other branch in a union of these two.

    Raises:
        UnsupportedError: it is another union.
    """
    if len(union) != 2 or list(union).count("null") != 1:  # noqa: PLR2004 - null and one other
        raise UnsupportedError
    null = list(union).index("null")
    return null, 1 - null
