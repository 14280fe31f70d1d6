"""From the annotations of pydantic models to those for which dataclasses-avroschema has Avro types.

It takes no nested plain models, rounds times to ms and tuples to their first item; so each model gets
a twin whose annotations it renders without loss.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import PurePath
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

from dataclasses_avroschema import DateTimeMicro, TimeMicro, condecimal
from pydantic import (
    AnyUrl,
    AwareDatetime,
    BaseModel,
    NaiveDatetime,
    SecretBytes,
    SecretStr,
)
from pydantic.fields import FieldInfo
from pydantic.networks import UrlConstraints

from joblog.schemas.payloads.errors import PayloadTypeError

AVRO_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

_SIMPLE: Final[Mapping[Any, Any]] = {
    datetime: DateTimeMicro,
    AwareDatetime: DateTimeMicro,
    time: TimeMicro,
    timedelta: float,
}
_ARRAYS: Final = (list, set, frozenset, Sequence)
_MAPS: Final = (dict, Mapping)
_REFUSED: Final[Mapping[Any, str]] = {
    NaiveDatetime: "a time without a zone is another one elsewhere: use AwareDatetime",
    SecretStr: "events are no place for secrets: pass what names the secret, such as its id",
    SecretBytes: "events are no place for secrets: pass what names the secret, such as its id",
    Any: "any value has no Avro type: name the types, or pass JSON as text",
    Decimal: "a decimal needs its size: Annotated[Decimal, Field(max_digits=…, decimal_places=…)]",
}


class Place:
    """Where in a model an annotation stands, for errors."""

    def __init__(self, model: str, field: str = "") -> None:
        self.model = model
        self.field = field

    def inside(self, field: str) -> "Place":
        """Return the place of a field in here."""
        return Place(self.model, f"{self.field}.{field}" if self.field else field)

    def refuse(self, detail: str) -> PayloadTypeError:
        """Return the error that says what is wrong here."""
        return PayloadTypeError(self.model, self.field, detail)


class Converter:
    """Converts annotations.

    Args:
        twin: gives the twin of a nested model.
    """

    def __init__(self, twin: Callable[[type[BaseModel], Place], type[BaseModel]]) -> None:
        self._twin = twin
        self._named: dict[str, type] = {}

    def take_name(self, class_: type, place: Place) -> None:
        """Give a model or enum its Avro name.

        Raises:
            PayloadTypeError: it is no Avro name, or another class has it.
        """
        name = class_.__name__
        if not AVRO_NAME.fullmatch(name):
            raise place.refuse(f"{name!r} is no Avro name: make a subclass with a plain name")
        if self._named.setdefault(name, class_) is not class_:
            raise place.refuse(f"two classes are named {name}: give them different names")

    def convert(self, annotation: Any, place: Place) -> Any:  # noqa: ANN401, PLR0911 - any type, a line for each kind
        """Return the annotation to render, for one of a payload's model.

        Raises:
            PayloadTypeError: there is no Avro type without loss for it.
        """
        origin, arguments = get_origin(annotation), get_args(annotation)
        if _is_in(annotation, _REFUSED):
            raise place.refuse(_REFUSED[annotation])
        if _is_in(annotation, _SIMPLE):
            return _SIMPLE[annotation]
        if origin is Annotated:
            return self._annotated(arguments[0], arguments[1:], place)
        if origin in (Union, UnionType):
            return Union[tuple(self.convert(one, place) for one in arguments)]  # noqa: UP007 - of a tuple
        if origin is Literal:
            return _common_type(arguments, place)
        if origin in _ARRAYS or origin is tuple:
            return list[self._item(origin, arguments, place)]  # type: ignore[misc]  # made at run time
        if origin in _MAPS:
            return dict[str, self._map_value(arguments, place)]  # type: ignore[misc]  # made at run time
        if isinstance(annotation, type):
            return self._class(annotation, place)
        raise place.refuse(f"{annotation} has no Avro type: use another type")

    def _annotated(self, base: Any, metadata: Sequence[Any], place: Place) -> Any:  # noqa: ANN401 - any type
        metadata = list(_flat(metadata))
        digits = _attribute(metadata, "max_digits")
        places = _attribute(metadata, "decimal_places")
        if base is Decimal and digits is not None and places is not None:
            return condecimal(max_digits=digits, decimal_places=places)
        if any(isinstance(one, UrlConstraints) for one in metadata):
            return str
        return self.convert(base, place)

    def _item(self, origin: Any, arguments: Sequence[Any], place: Place) -> Any:  # noqa: ANN401 - any type
        if origin is tuple and (len(arguments) != 2 or arguments[1] is not Ellipsis):  # noqa: PLR2004 - X and …
            raise place.refuse("an Avro array has items of one type: use tuple[X, ...] or a model")
        return self.convert(arguments[0], place)

    def _map_value(self, arguments: Sequence[Any], place: Place) -> Any:  # noqa: ANN401 - any type
        if arguments[0] is not str:
            raise place.refuse(
                f"keys of an Avro map are text, not {arguments[0]}: use dict[str, X]"
            )
        return self.convert(arguments[1], place)

    def _class(self, class_: type, place: Place) -> Any:  # noqa: ANN401 - any type
        if issubclass(class_, BaseModel):
            return self._twin(class_, place)
        if issubclass(class_, Enum):
            return self._enum(class_, place)
        if issubclass(class_, PurePath | AnyUrl):
            return str
        return class_

    def _enum(self, class_: type[Enum], place: Place) -> Any:  # noqa: ANN401 - any type
        values = [member.value for member in class_]
        if all(isinstance(value, str) and AVRO_NAME.fullmatch(value) for value in values):
            self.take_name(class_, place)
            return class_
        return _common_type(values, place)


def _common_type(values: Sequence[Any], place: Place) -> Any:  # noqa: ANN401 - any type
    kinds = {bool if isinstance(value, bool) else type(value) for value in values}
    for kind in (bool, int, str, float, NoneType):
        if all(issubclass(one, kind) for one in kinds):
            return kind
    raise place.refuse(f"{list(values)} are of different types: use values of one type")


def _flat(metadata: Sequence[Any]) -> Iterator[Any]:
    for one in metadata:
        if isinstance(one, FieldInfo):
            yield from one.metadata
        else:
            yield one


def _attribute(metadata: Sequence[Any], name: str) -> Any:  # noqa: ANN401 - any value
    found = (getattr(one, name, None) for one in metadata)
    return next((value for value in found if value is not None), None)


def _is_in(annotation: Any, known: Mapping[Any, Any]) -> bool:  # noqa: ANN401 - any type
    try:
        return annotation in known
    except TypeError:  # an annotation with something unhashable in it is in no table
        return False
