"""A function that makes instances of one model from data whose types are right.

Avro, or a type checker, has seen to the types, so it looks at the model's rules only: bounds, lengths,
patterns. Where one is broken it raises, and pydantic says what is wrong. So an instance is equal to pydantic's,
or there is none.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

from annotated_types import Ge, Le, MaxLen, MinLen
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from joblog.schemas.compiled.source import Body, Module, UnsupportedError

Build = Callable[[dict[str, Any]], Any]

CANNOT_BUILD: Final = (LookupError, TypeError, ValueError)
"""What such a function raises for what is pydantic's."""

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


def compile_builder(model: type[BaseModel]) -> Build | None:
    """Return a function from a datum, which becomes the instance's, to an instance of a model.

    Returns:
        None where the model has a rule that such a function cannot check.
    """
    module = Module()
    try:
        name = add_builder(module, model)
    except UnsupportedError:
        return None
    build: Build = module.run()[name]
    return build


def add_builder(module: Module, model: type[BaseModel]) -> str:
    """Add such a function to a module, and return its name.

    Raises:
        UnsupportedError: the model has a rule that it cannot check.
    """
    body = Body(module, f"if len(datum) != {len(model.model_fields)}: raise ValueError")
    for name, field in model.model_fields.items():
        place = f"datum[{name!r}]"
        _Checks(body, place).of(field.annotation, field.metadata, place)
    fields = module.constant(f"{{{', '.join(map(repr, model.model_fields))}}}")
    body.add(f"it: Any = new({module.of_class(model)})", "put(it, '__dict__', datum)")
    body.add(f"put(it, '__pydantic_fields_set__', {fields})")  # frozen models never change it
    body.add("put(it, '__pydantic_extra__', None)", "put(it, '__pydantic_private__', None)")
    for validator in _validators(model):
        body.add(f"it = it.{validator}()")
    body.add("return it")
    return module.function("(datum: dict[str, Any]) -> Any", body)


def _validators(model: type[BaseModel]) -> Iterator[str]:
    decorators = model.__pydantic_decorators__
    if decorators.field_validators or decorators.root_validators or decorators.validators:
        raise UnsupportedError
    for name, validator in decorators.model_validators.items():
        if validator.info.mode != "after":
            raise UnsupportedError
        yield name


class _Checks:
    """Adds to a body what checks the value at a place, and puts there what the model has."""

    def __init__(self, body: Body, place: str) -> None:
        self._body = body
        self._place = place

    def of(self, annotation: Any, rules: list[Any], value: str) -> None:  # noqa: ANN401
        origin, parts = get_origin(annotation), get_args(annotation)
        if origin is Annotated:
            self.of(parts[0], [*rules, *parts[1:]], value)
        elif origin in {Union, UnionType}:
            self._optional(parts, rules, value)
        elif annotation in _PLAIN:
            self._plain(annotation, [*_flat(rules)], value)
        elif rules:
            raise UnsupportedError
        elif origin is tuple and parts[1:] == (...,):
            self._items(parts[0], value)
        elif origin is Literal:
            words = self._body.module.constant(repr(parts))
            self._body.add(f"if {value} not in {words}: raise ValueError")
        elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
            self._body.add(f"{self._place} = {self._instance(annotation, value)}")
        elif annotation == dict[str, str]:
            self._body.add(value)  # it has to be there
        else:
            raise UnsupportedError

    def _optional(self, parts: tuple[Any, ...], rules: list[Any], value: str) -> None:
        if len(parts) != 2 or parts[1] is not NoneType:  # noqa: PLR2004 - a type and None
            raise UnsupportedError
        name = self._body.name()
        self._body.add(f"{name} = {value}")
        with self._body.block(f"if {name} is not None:"):
            self.of(parts[0], rules, name)

    def _items(self, annotation: Any, value: str) -> None:  # noqa: ANN401
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            instance = self._instance(annotation, "each")
            self._body.add(f"{self._place} = tuple([{instance} for each in {value}])")
            return
        item = self._body.name()
        with self._body.block(f"for {item} in {value}:"):
            _Checks(self._body, item).of(annotation, [], item)
        self._body.add(f"{self._place} = tuple({value})")

    def _instance(self, model: type[BaseModel], value: str) -> str:
        """Return the expression of an instance of a model: of the datum, or the value that is one already."""
        module = self._body.module
        build = module.once(("builder", model), partial(add_builder, module, model))
        return f"{value} if type({value}) is {module.of_class(model)} else {build}({value})"

    def _plain(self, kind: type, rules: list[Any], value: str) -> None:
        name = self._body.name()
        self._body.add(f"{name}: {kind.__name__} = {value}")
        broken = " or ".join(self._broken(rule, name) for rule in rules)
        if broken:
            self._body.add(f"if {broken}: raise ValueError")

    def _broken(self, rule: Any, value: str) -> str:  # noqa: ANN401
        """Return the condition that breaks a rule."""
        if type(rule) in _BROKEN:
            bound, condition = _BROKEN[type(rule)]
            return condition.format(value, getattr(rule, bound))
        match getattr(rule, "__dict__", None):
            case {"pattern": str(pattern), **more} if not more and pattern[0] + pattern[-1] == "^$":
                matches = f"lru_cache({CACHED_NAMES})(re.compile({pattern!r}).fullmatch)"
                return f"not {self._body.module.constant(matches)}({value})"
            case {"allow_inf_nan": False, **more} if not more:
                return f"not isfinite({value})"
            case _:
                raise UnsupportedError


def _flat(rules: list[Any]) -> Iterator[Any]:
    for rule in rules:
        yield from rule.metadata if isinstance(rule, FieldInfo) else (rule,)
