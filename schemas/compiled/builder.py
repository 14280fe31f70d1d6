"""A function that makes instances of one model from data that Avro has read.

Avro has seen to the types, so it looks at the model's rules only: bounds, lengths, patterns. Where one is broken
it raises, and pydantic says what is wrong. So an instance is equal to pydantic's, or there is none.
"""

import math
import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

from annotated_types import Ge, Le, MaxLen, MinLen
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from joblog.schemas.compiled.source import Source

Build = Callable[[dict[str, Any]], Any]

CANNOT_BUILD: Final = (LookupError, TypeError, ValueError)
"""What such a function raises for what is pydantic's."""

_KNOWN: Final = {"new": object.__new__, "put": object.__setattr__, "isfinite": math.isfinite}
_PLAIN: Final = (str, int, bool, bytes, float)
_BROKEN: Final[Mapping[type, tuple[str, str]]] = {
    Ge: ("ge", "{} < {}"),
    Le: ("le", "{} > {}"),
    MinLen: ("min_length", "len({}) < {}"),
    MaxLen: ("max_length", "len({}) > {}"),
}
"""What a rule's bound is called, and the condition that breaks it."""

CACHED_NAMES: Final = 1_024
"""Strings that matched a pattern are remembered: names come again and again."""


class UnsupportedModelError(Exception):
    """A model has a rule that no function is made for; never seen outside."""


def compile_builder(model: type[BaseModel]) -> Build | None:
    """Return a function from a datum, which becomes the instance's, to an instance of a model.

    Returns:
        None where the model has a rule that such a function cannot check.
    """
    source = Source({**_KNOWN, "model": model, "all_fields": set(model.model_fields)})
    try:
        source.add(f"if len(datum) != {len(model.model_fields)}: raise ValueError")
        for name, field in model.model_fields.items():
            value = source.name()
            source.add(f"{value} = datum[{name!r}]")
            _check(source, field.annotation, field.metadata, value, f"datum[{name!r}]")
        source.add("it = new(model)", "put(it, '__dict__', datum)")
        source.add(
            "put(it, '__pydantic_fields_set__', all_fields)"
        )  # frozen models never change it
        source.add("put(it, '__pydantic_extra__', None)", "put(it, '__pydantic_private__', None)")
        _add_validators(source, model)
    except UnsupportedModelError:
        return None
    source.add("return it")
    build: Build = source.function("build(datum)")
    return build


def _check(source: Source, annotation: Any, rules: list[Any], value: str, place: str) -> None:  # noqa: ANN401
    """Add what checks a value, and puts into its place what the model has there."""
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        _check(source, parts[0], [*rules, *parts[1:]], value, place)
    elif origin in {Union, UnionType}:
        _check_optional(source, parts, rules, value, place)
    elif annotation in _PLAIN:
        _add_rules(source, rules, value)
    elif rules:
        raise UnsupportedModelError
    elif origin is tuple and parts[1:] == (...,):
        _check_items(source, parts[0], value, place)
    elif origin is Literal:
        source.add(f"if {value} not in {source.name(parts)}: raise ValueError")
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        source.add(f"{place} = {_builder(source, annotation)}({value})")
    elif annotation != dict[str, str]:
        raise UnsupportedModelError


def _check_optional(
    source: Source, parts: tuple[Any, ...], rules: list[Any], value: str, place: str
) -> None:
    if len(parts) != 2 or parts[1] is not NoneType:  # noqa: PLR2004 - a type and None
        raise UnsupportedModelError
    source.add(f"if {value} is not None:")
    source.depth += 1
    source.add("pass")  # there may be nothing to check
    _check(source, parts[0], rules, value, place)
    source.depth -= 1


def _check_items(source: Source, annotation: Any, value: str, place: str) -> None:  # noqa: ANN401
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        source.add(f"{place} = tuple(map({_builder(source, annotation)}, {value}))")
        return
    item = source.name()
    source.add(f"{place} = tuple({value})", f"for {item} in {value}:")
    source.depth += 1
    source.add("pass")
    _check(source, annotation, [], item, item)
    source.depth -= 1


def _builder(source: Source, model: type[BaseModel]) -> str:
    build = compile_builder(model)
    if build is None:
        raise UnsupportedModelError
    return source.name(build)


def _add_validators(source: Source, model: type[BaseModel]) -> None:
    decorators = model.__pydantic_decorators__
    if decorators.field_validators or decorators.root_validators or decorators.validators:
        raise UnsupportedModelError
    for validator in decorators.model_validators.values():
        if validator.info.mode != "after":
            raise UnsupportedModelError
        source.add(f"it = {source.name(validator.func)}(it)")


def _add_rules(source: Source, rules: list[Any], value: str) -> None:
    broken = [_broken(source, rule, value) for rule in _flat(rules)]
    if broken:
        source.add(f"if {' or '.join(broken)}: raise ValueError")


def _flat(rules: list[Any]) -> Iterator[Any]:
    for rule in rules:
        yield from rule.metadata if isinstance(rule, FieldInfo) else (rule,)


def _broken(source: Source, rule: Any, value: str) -> str:  # noqa: ANN401
    """Return the condition that breaks a rule."""
    if type(rule) in _BROKEN:
        bound, condition = _BROKEN[type(rule)]
        return condition.format(value, getattr(rule, bound))
    match getattr(rule, "__dict__", None):
        case {"pattern": str(pattern), **more} if not more and pattern[0] + pattern[-1] == "^$":
            matches = lru_cache(CACHED_NAMES)(re.compile(pattern).fullmatch)
            return f"not {source.name(matches)}({value})"
        case {"allow_inf_nan": False, **more} if not more:
            return f"not isfinite({value})"
        case _:
            raise UnsupportedModelError
