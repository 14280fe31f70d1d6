"""The same data as JSON for people and as Avro for the log, by an Avro schema.

In JSON, times are ISO 8601 text, decimals and UUIDs text, bytes base64.
"""

from collections.abc import Mapping
from datetime import date, time
from decimal import Decimal
from io import BytesIO
from typing import Annotated, Any, Final, Literal, Union
from uuid import UUID

from fastavro import parse_schema, schemaless_reader, schemaless_writer
from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    create_model,
)
from pydantic_core import to_jsonable_python

from joblog.client.errors import JsonMismatchError
from joblog.schemas.avro_schema import AvroSchema
from joblog.schemas.problems import problem_in

_PRIMITIVES: Final[Mapping[str, Any]] = {
    "null": None,
    "boolean": bool,
    "int": Annotated[int, Field(ge=-(2**31), lt=2**31)],
    "long": Annotated[int, Field(ge=-(2**63), lt=2**63)],
    "float": float,
    "double": float,
    "bytes": bytes,
    "string": str,
}
LOGICAL: Final[Mapping[str, Any]] = {
    "date": date,
    "decimal": Decimal,
    "time-millis": time,
    "time-micros": time,
    "timestamp-millis": AwareDatetime,
    "timestamp-micros": AwareDatetime,
    "uuid": UUID,
}
"""Logical types that are text in JSON."""
_STRICT: Final = ConfigDict(strict=True, extra="forbid", val_json_bytes="base64")


class JsonForm:
    """JSON and Avro of one schema.

    Args:
        schema: the schema, with its logical types.
    """

    def __init__(self, schema: AvroSchema) -> None:
        self._name = schema.name
        self._parsed: Any = _with_byte_defaults(parse_schema(dict(schema.definition)))
        self._models: dict[str, Any] = {}
        self._adapter: TypeAdapter[Any] = TypeAdapter(self._type(schema.definition))

    def to_avro(self, text: str | bytes) -> bytes:
        """Return the Avro body of a JSON document.

        Raises:
            JsonMismatchError: it is no JSON, or does not fit the schema.
        """
        try:
            model = self._adapter.validate_json(text)
        except ValidationError as error:
            problem = problem_in(error)
            raise JsonMismatchError(self._name, problem.where, problem.rule) from None
        body = BytesIO()
        datum = model.model_dump(by_alias=True, exclude_unset=True)
        try:
            schemaless_writer(body, self._parsed, datum)
        except Exception as error:  # noqa: BLE001 - whatever it is, a value is at fault
            # Its words may quote the value.
            rule = f"one of its values cannot be written as Avro ({type(error).__name__})"
            raise JsonMismatchError(self._name, "", rule) from None
        return body.getvalue()

    def from_avro(self, body: bytes) -> Any:  # noqa: ANN401 - any JSON
        """Return what an Avro body says, ready for `json.dumps`."""
        datum = schemaless_reader(BytesIO(body), self._parsed, None)
        return to_jsonable_python(datum, bytes_mode="base64")

    def _type(self, schema: Any) -> Any:  # noqa: ANN401 - any JSON in, any type out
        match schema:
            case str():
                return _PRIMITIVES[schema] if schema in _PRIMITIVES else self._models[schema]
            case list():
                return Union[tuple(map(self._type, schema))]  # noqa: UP007 - of a list
            case {"logicalType": "decimal", "precision": int(digits)}:
                places = schema.get("scale", 0)
                return Annotated[Decimal, Field(max_digits=digits, decimal_places=places)]
            case {"logicalType": str(name)} if name in LOGICAL:
                return LOGICAL[name]
            case {"name": str(name), "type": "record" | "enum" | "fixed"}:
                return self._named(name, schema)
        return self._container(schema)

    def _container(self, schema: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any type
        match schema["type"]:
            case "array":
                return list[self._type(schema["items"])]  # type: ignore[misc]  # made at run time
            case "map":
                return dict[str, self._type(schema["values"])]  # type: ignore[misc]  # as above
            case nested:
                return self._type(nested)

    def _named(self, name: str, schema: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any type
        if schema["type"] == "record":
            return self._model(name, schema["fields"])
        if schema["type"] == "enum":
            self._models[name] = Literal[tuple(schema["symbols"])]
        else:
            size = schema["size"]
            self._models[name] = Annotated[bytes, Field(min_length=size, max_length=size)]
        return self._models[name]

    def _model(self, name: str, fields: list[dict[str, Any]]) -> type[BaseModel]:
        self._models[name] = name  # a field may refer to the record that it is in
        members: dict[str, Any] = {
            f"field_{number}": (
                self._type(field["type"]),
                Field(default=field.get("default", ...), alias=field["name"]),
            )
            for number, field in enumerate(fields)
        }
        model: type[BaseModel] = create_model(name, __config__=_STRICT, **members)
        self._models[name] = model
        model.model_rebuild(_types_namespace={name: model})
        return model


def _with_byte_defaults(schema: Any) -> Any:  # noqa: ANN401 - any JSON
    """Return a schema whose defaults of bytes are bytes: in JSON they are text, and fastavro writes them so."""
    if isinstance(schema, list):
        return [_with_byte_defaults(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    converted = {name: _with_byte_defaults(part) for name, part in schema.items()}
    type_ = schema.get("type")
    base = type_.get("type") if isinstance(type_, dict) else type_
    if base in ("bytes", "fixed") and isinstance(schema.get("default"), str):
        converted["default"] = schema["default"].encode("latin-1")
    return converted
