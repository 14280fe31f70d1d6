"""From a cell of CSV to JSON, by the Avro schema of its field."""

from collections.abc import Callable, Iterator, Mapping
from json import JSONEncoder
from math import isfinite
from typing import Any, Final

from pydantic_core import from_json

from joblog.client.json_form import LOGICAL

Cell = Callable[[str], str]
"""Returns the JSON of a cell.

Raises:
    ValueError: it is none of the type; the message is the rule.
"""

_TRUTHS: Final = {"true": "true", "false": "false", "1": "true", "0": "false"}
_quoted: Final[Cell] = JSONEncoder(ensure_ascii=False).encode


def cell_for(type_: Any, named: Mapping[str, Any]) -> Cell:  # noqa: ANN401 - any schema
    """Return what reads the cells of a type.

    Texts stand there as they are; so do dates, times, decimals, UUIDs and bytes, in the form that they have in
    JSON. Records, arrays, maps and what may be of several types are JSON. What may be null is so where a cell
    is empty.

    Args:
        type_: the Avro schema.
        named: the schemas that it may name.
    """
    if isinstance(type_, str):
        return _PRIMITIVES[type_] if type_ in _PRIMITIVES else cell_for(named[type_], named)
    if isinstance(type_, list):
        return _one_of(type_, named)
    if type_.get("logicalType") in LOGICAL or type_["type"] in ("enum", "fixed"):
        return _quoted
    if type_["type"] in ("record", "array", "map"):
        return _json
    return cell_for(type_["type"], named)


def named_in(schema: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - any schema
    """Yield the schemas that have names, as they may be referred to."""
    match schema:
        case list():
            for branch in schema:
                yield from named_in(branch)
        case {"type": "record", "name": str(name), "fields": fields}:
            yield name, schema
            for field in fields:
                yield from named_in(field["type"])
        case {"type": "enum" | "fixed", "name": str(name)}:
            yield name, schema
        case {"type": "array", "items": inner} | {"type": "map", "values": inner}:
            yield from named_in(inner)


def _one_of(branches: list[Any], named: Mapping[str, Any]) -> Cell:
    others = [branch for branch in branches if branch != "null"]
    inner = cell_for(others[0], named) if len(others) == 1 else _json
    if len(others) == len(branches):
        return inner
    return lambda text: inner(text) if text else "null"


def _whole(text: str) -> str:
    try:
        number = int(text)
    except ValueError:
        raise ValueError("it is no whole number") from None
    if "_" in text:
        raise ValueError("it is no whole number: leave out the _")
    return str(number)


def _number(text: str) -> str:
    try:
        number = float(text)
    except ValueError:
        raise ValueError("it is no number") from None
    if "_" in text or not isfinite(number):
        raise ValueError("it is no finite number")
    return repr(number)


def _truth(text: str) -> str:
    try:
        return _TRUTHS[text.strip().lower()]
    except KeyError:
        raise ValueError("it is none of true, false, 1 and 0") from None


def _nothing(text: str) -> str:
    if text:
        raise ValueError("it is null, so leave the cell empty")
    return "null"


def _json(text: str) -> str:
    try:
        from_json(text)
    except ValueError as error:
        raise ValueError(f"it is no JSON: {error}") from None
    return text


_PRIMITIVES: Final[Mapping[str, Cell]] = {
    "boolean": _truth,
    "bytes": _quoted,
    "double": _number,
    "float": _number,
    "int": _whole,
    "long": _whole,
    "null": _nothing,
    "string": _quoted,
}
