"""What handlers return, as Avro."""

from functools import lru_cache
from types import NoneType
from typing import Any, Final, Never, NoReturn, get_origin

from pydantic import BaseModel, ValidationError

from joblog.processors.worker.errors import ResultRejectedError
from joblog.processors.worker.outcomes import Succeeded
from joblog.schemas.avro_schema import AvroSchema
from joblog.schemas.payloads import (
    PayloadRejectedError,
    payload_codec,
    payload_schema,
    return_value,
)
from joblog.schemas.problems import first_problem

RESULT_BYTES: Final = 65_536
"""Largest result: what the state of a job keeps of it."""

CACHED_TYPES: Final = 1_024
_NOTHING: Final = (None, NoneType, NoReturn, Never)


def result_schema(returns: Any) -> AvroSchema | None:  # noqa: ANN401 - any annotation
    """Return the schema of a handler's results.

    Args:
        returns: the return annotation: a model, or another type, whose values are put into a record of
            their own as its `value` (`return_value`); None where the handler returns nothing.

    Raises:
        PayloadTypeError: the annotation has no Avro type.
    """
    model = _model_of(returns)
    return None if model is None else payload_schema(model)


def encode_result(value: object, returns: Any) -> Succeeded:  # noqa: ANN401 - any annotation
    """Return the outcome of a handler that returned a value.

    Raises:
        ResultRejectedError: the value is not what the annotation says, or is too large.
    """
    if value is None:
        return Succeeded()
    model = _model_of(returns)
    if model is None:
        raise ResultRejectedError(
            f"a {type(value).__name__} was returned, and the return annotation says none: annotate it"
        )
    try:
        instance = value if model is returns else {"value": value}
        body = payload_codec(model).encode(model.model_validate(instance))
    except (ValidationError, PayloadRejectedError) as error:
        raise ResultRejectedError(
            f"it is not what the return annotation says: {_why(error)}"
        ) from None
    except Exception as error:  # noqa: BLE001 - a validator of the model may raise anything
        # Its words may quote the value, and values may be secret.
        raise ResultRejectedError(f"its model raises {type(error).__name__}") from None
    if len(body) > RESULT_BYTES:
        raise ResultRejectedError(
            f"{len(body)} bytes, {RESULT_BYTES} are allowed: store it elsewhere, return where it is"
        )
    return Succeeded(body, payload_schema(model).fingerprint)


def _why(error: ValidationError | PayloadRejectedError) -> str:
    return first_problem(error) if isinstance(error, ValidationError) else str(error)


@lru_cache(CACHED_TYPES)
def _model_of(returns: Any) -> type[BaseModel] | None:  # noqa: ANN401 - any annotation
    if returns in _NOTHING:
        return None
    if get_origin(returns) is None and isinstance(returns, type) and issubclass(returns, BaseModel):
        return returns
    return return_value(returns)
