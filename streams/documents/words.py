"""What the source says about each member of an enumeration."""

import ast
import inspect
from enum import Enum
from textwrap import dedent
from typing import TypeVar

Word = TypeVar("Word", bound=Enum)


def meanings(words: type[Word]) -> dict[Word, str]:
    """Return the docstring that follows each member, on one line."""
    (body,) = ast.parse(dedent(inspect.getsource(words))).body
    assert isinstance(body, ast.ClassDef)  # noqa: S101  # a class's source is a class
    found: dict[Word, str] = {}
    member: Word | None = None
    for statement in body.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)]):
                member = words[name]
            case ast.Expr(value=ast.Constant(value=str(text))) if member is not None:
                found[member] = " ".join(text.split())
    return found
