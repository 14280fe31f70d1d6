"""What pydantic refuses, without the refused values: they may be secrets."""

from typing import Final, NamedTuple

from pydantic import ValidationError

_QUOTES_ITS_INPUT: Final = "union_tag_invalid"


class Problem(NamedTuple):
    """The first rule that a value breaks.

    Attributes:
        path: where in the value, empty for the whole of it.
        rule: the rule, in pydantic's words or those of the model's own validator.
    """

    path: tuple[str, ...]
    rule: str

    @property
    def where(self) -> str:
        """The path as text, such as `lines.0.sku`; empty for the whole value."""
        return ".".join(self.path)

    def __str__(self) -> str:
        return f"{self.where}: {self.rule}" if self.path else self.rule


def problem_in(error: ValidationError) -> Problem:
    """Return the first problem of an error."""
    first = error.errors(include_url=False, include_input=False)[0]
    rule = first["msg"]
    if first["type"] == _QUOTES_ITS_INPUT:
        rule = f"the tag is none of {first['ctx']['expected_tags']}"
    return Problem(tuple(map(str, first["loc"])), rule)


def first_problem(error: ValidationError) -> str:
    """Return the first problem of an error in words, such as `lines.0.sku: Field required`."""
    return str(problem_in(error))


def refused_value(error: ValidationError) -> object:
    """Return the value that the first problem is about; show it only where it cannot be a secret."""
    return error.errors(include_url=False)[0]["input"]
