"""The Avro schema of a pydantic model, by dataclasses-avroschema."""

import json
from typing import Any, Final

from dataclasses_avroschema.pydantic import AvroBaseModel
from pydantic import BaseModel, Field, PydanticUserError, TypeAdapter, create_model
from pydantic.fields import FieldInfo

from joblog.schemas.avro_schema import AvroSchema
from joblog.schemas.payloads.annotations import Converter, Place
from joblog.schemas.payloads.datum import to_datum
from joblog.schemas.payloads.return_values import ReturnValue, named

_NONE: Final = object()


def derive_schema(model: type[BaseModel]) -> AvroSchema:
    """Return the Avro schema of a model.

    Raises:
        PayloadTypeError: some field has no Avro type.
    """
    place = Place(model.__name__)
    twin = _Twins().of(model, place)
    try:
        definition = json.loads(twin.avro_schema())
        return AvroSchema.of(named(definition) if issubclass(model, ReturnValue) else definition)
    except Exception as error:  # the library and fastavro raise whatever they like
        raise place.refuse(f"it has no Avro schema ({error}): use simpler types") from error


class _Twins:
    """Models for the library to render: the same fields and defaults, with converted annotations."""

    def __init__(self) -> None:
        self._converter = Converter(self.of)
        self._made: dict[type[BaseModel], type[AvroBaseModel]] = {}
        self._begun: set[type[BaseModel]] = set()

    def of(self, model: type[BaseModel], place: Place) -> type[AvroBaseModel]:
        """Return the twin of a model that stands at a place."""
        if model not in self._made:
            self._begin(model, place)
            fields: Any = {
                name: self._field(info, place.inside(name))
                for name, info in model.model_fields.items()
            }
            self._made[model] = create_model(model.__name__, __base__=AvroBaseModel, **fields)
        return self._made[model]

    def _begin(self, model: type[BaseModel], place: Place) -> None:
        if model in self._begun:
            name = model.__name__
            raise place.refuse(f"{name} contains itself: use a list, with references by id")
        self._begun.add(model)
        self._converter.take_name(model, place)

    def _field(self, info: FieldInfo, place: Place) -> tuple[Any, FieldInfo]:
        annotation = self._converter.convert(info.rebuild_annotation(), place)
        default = _default_of(info)
        if default is _NONE or _is_no_text(default):
            return annotation, Field()
        try:
            converted = TypeAdapter(annotation).validate_python(to_datum(default))
        except (PydanticUserError, ValueError) as error:
            raise place.refuse(f"its default does not fit its type ({error})") from error
        return annotation, Field(default=converted)


def _default_of(info: FieldInfo) -> Any:  # noqa: ANN401 - any value
    """Return a field's default; none where it has none, or a factory that gives another each time."""
    if info.default_factory is None:
        return _NONE if info.is_required() else info.default
    try:
        first, second = (info.get_default(call_default_factory=True) for _ in range(2))
    except ValueError:  # it depends on other fields
        return _NONE
    return first if first == second else _NONE


def _is_no_text(default: object) -> bool:
    """Return whether a default is bytes that the library would render as others."""
    return isinstance(default, bytes) and not default.isascii()
