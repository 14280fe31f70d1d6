"""What the source says about each member of an enumeration."""

import ast
import inspect
from enum import StrEnum
from textwrap import dedent


def meanings(words: type[StrEnum]) -> dict[str, str]:
    """Return the docstring that follows each member, by value, on one line."""
    (body,) = ast.parse(dedent(inspect.getsource(words))).body
    assert isinstance(body, ast.ClassDef)  # noqa: S101  # a class's source is a class
    found, member = {}, None
    for statement in body.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)]):
                member = words[name].value
            case ast.Expr(value=ast.Constant(value=str(text))) if member is not None:
                found[member] = " ".join(text.split())
    return found
