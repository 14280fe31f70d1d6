"""Payloads to bytes and back."""

from collections.abc import Mapping
from functools import cache
from io import BytesIO
from typing import Any, Generic, TypeVar

from fastavro import parse_schema, schemaless_reader, schemaless_writer
from pydantic import BaseModel, ValidationError

from joblog.schemas.avro_schema import AvroSchema
from joblog.schemas.payloads.datum import to_datum
from joblog.schemas.payloads.errors import PayloadRejectedError
from joblog.schemas.payloads.twins import derive_schema
from joblog.schemas.problems import first_problem

Model = TypeVar("Model", bound=BaseModel)


class PayloadCodec(Generic[Model]):
    """Writes instances of a model as Avro, and reads what older versions of it wrote, or JSON.

    Args:
        model: the model.

    Attributes:
        schema: the Avro schema of the model.

    Raises:
        PayloadTypeError: some field has no Avro type.
    """

    def __init__(self, model: type[Model]) -> None:
        self._model = model
        self.schema = derive_schema(model)
        self._own: Any = parse_schema(dict(self.schema.definition))
        self._writers: dict[bytes, Any] = {}

    def encode(self, payload: Model) -> bytes:
        """Return the Avro body of a payload, without a header.

        Raises:
            PayloadRejectedError: a value does not fit the schema.
        """
        body = BytesIO()
        try:
            schemaless_writer(body, self._own, to_datum(payload.model_dump()), strict=True)
        except Exception as error:  # whatever it is, the value is at fault
            raise self._rejected(f"{type(error).__name__}: {error}") from error
        return body.getvalue()

    def decode(self, body: bytes, writer: AvroSchema | None = None) -> Model:
        """Return the payload in an Avro body.

        Args:
            body: the body, without a header.
            writer: the schema that wrote it. Defaults to the model's.

        Raises:
            PayloadRejectedError: the body is not of its schema, the schema cannot be read as the
                model's, or the model refuses the values.
        """
        datum = self._read(body, writer)
        try:
            return self._model.model_validate(datum, by_name=True)
        except ValidationError as error:
            raise self._rejected(first_problem(error)) from error

    def decode_json(self, body: bytes) -> Model:
        """Return the payload in a JSON document; fields may have their names or their aliases.

        Raises:
            PayloadRejectedError: the body is no JSON, or the model refuses the values.
        """
        try:
            return self._model.model_validate_json(body, by_alias=True, by_name=True)
        except ValidationError as error:
            raise self._rejected(first_problem(error)) from error

    def _read(self, body: bytes, writer: AvroSchema | None) -> Mapping[str, Any]:
        buffer = BytesIO(body)
        try:
            if writer is None or writer.fingerprint == self.schema.fingerprint:
                datum = schemaless_reader(buffer, self._own, None)
            else:
                datum = schemaless_reader(buffer, self._parsed(writer), self._own)
        except Exception as error:  # whatever it is, the bytes are at fault
            if writer is not None and writer.name != self.schema.name:
                words = f"it was written as a {writer.name}: give the models of both sides one name"
                raise self._rejected(words) from error
            raise self._rejected(f"{type(error).__name__}: {error}") from error
        if buffer.tell() != len(body):
            raise self._rejected(f"{len(body) - buffer.tell()} bytes follow it")
        return datum  # type: ignore[return-value]  # a record schema yields a dict

    def _parsed(self, writer: AvroSchema) -> Any:  # noqa: ANN401 - fastavro's form
        parsed = self._writers.get(writer.fingerprint)
        if parsed is None:
            parsed = self._writers[writer.fingerprint] = parse_schema(dict(writer.definition))
        return parsed

    def _rejected(self, detail: str) -> PayloadRejectedError:
        return PayloadRejectedError(self._model.__name__, detail)


@cache
def payload_codec(model: type[Model]) -> PayloadCodec[Model]:
    """Return the codec of a model, made once.

    Raises:
        PayloadTypeError: some field has no Avro type.
    """
    return PayloadCodec(model)


def payload_schema(model: type[BaseModel]) -> AvroSchema:
    """Return the Avro schema of a model.

    Raises:
        PayloadTypeError: some field has no Avro type.
    """
    return payload_codec(model).schema


def encode_payload(payload: BaseModel) -> bytes:
    """Return the Avro body of a payload, without a header.

    Raises:
        PayloadTypeError: its model has no Avro schema.
        PayloadRejectedError: a value does not fit the schema.
    """
    return payload_codec(type(payload)).encode(payload)


def decode_payload(body: bytes, writer: AvroSchema, model: type[Model]) -> Model:
    """Return the payload in an Avro body that `writer` wrote, as an instance of a model.

    Raises:
        PayloadTypeError: the model has no Avro schema.
        PayloadRejectedError: body, schema and model do not go together.
    """
    codec: PayloadCodec[Model] = payload_codec(model)
    return codec.decode(body, writer)
