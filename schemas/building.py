"""Records made of fields whose types a type checker has seen: as by their model, in a fraction of the time."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, ParamSpec, TypeVar, cast

from pydantic import BaseModel

from joblog.schemas.compiled import CANNOT_BUILD, Build, compile_builder
from joblog.schemas.compiled.making import BUILDER, made

Fields = ParamSpec("Fields")
Record = TypeVar("Record")


@cache
def builder(model: type[BaseModel]) -> Build | None:
    """Return the function that makes instances of a model, None where only pydantic can."""
    return made().get((BUILDER, model)) or compile_builder(model)


def built(model: Callable[Fields, Record], *_: Fields.args, **fields: Fields.kwargs) -> Record:
    """Return an instance of a model, as `model(**fields)` does where names and types of the fields are right.

    Bounds, lengths and patterns are looked at, names and types are not, and no value is converted: fields of
    strangers go to the model itself.

    Raises:
        ValidationError: a field breaks a rule of its model.
    """
    kind = cast("type[BaseModel]", model)
    build = builder(kind)
    if build is not None:
        try:
            record: Record = build({**_defaults(kind), **fields})
        except CANNOT_BUILD:
            pass  # pydantic can, or says what is wrong
        else:
            return record
    return model(**fields)  # type: ignore[call-arg]  # models take names only


@cache
def _defaults(model: type[BaseModel]) -> Mapping[str, Any]:
    fields = model.model_fields.items()
    return {
        name: field.default
        for name, field in fields
        if not field.is_required() and field.default_factory is None
    }
