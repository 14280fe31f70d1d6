"""Python source that is written line by line, and what it refers to."""

from collections.abc import Mapping
from itertools import count
from typing import Any, Final

INDENT: Final = "    "


class UnsupportedSchemaError(Exception):
    """A schema has what no function is made for; never seen outside."""


class Source:
    """The body of one function.

    Attributes:
        depth: how deep the next line is indented.
        access: how a value's field is written, a format of both.
    """

    def __init__(self, known: Mapping[str, object], access: str = "") -> None:
        """Begin empty; `known` are the names that the source may use."""
        self.depth = 1
        self.access = access
        self._known = dict(known)
        self._lines: list[str] = []
        self._numbers = count()

    def add(self, *lines: str) -> None:
        """Add lines at the present depth."""
        self._lines += [INDENT * self.depth + line for line in lines]

    def name(self, known: object = None) -> str:
        """Return a new name; of a constant, where one is given."""
        name = f"x{next(self._numbers)}"
        if known is not None:
            self._known[name] = known
        return name

    def function(self, head: str) -> Any:  # noqa: ANN401 - whatever the head says
        """Return the function with this head, such as `f(x)`."""
        namespace = dict(self._known)
        exec("\n".join([f"def {head}:", *self._lines]), namespace)  # noqa: S102 - source made here, of no input
        return namespace[head.partition("(")[0]]


def branches_of(union: list[Any]) -> tuple[int, int]:
    """Return the numbers of null and of the other branch in a union of these two.

    Raises:
        UnsupportedSchemaError: it is another union.
    """
    if len(union) != 2 or union.count("null") != 1:  # noqa: PLR2004 - null and one other
        raise UnsupportedSchemaError
    null = union.index("null")
    return null, 1 - null
