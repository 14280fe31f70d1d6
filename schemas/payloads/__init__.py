"""Payloads: the Avro schema that follows from a handler's pydantic model, and bytes of it."""

from joblog.schemas.payloads.codec import (
    PayloadCodec,
    decode_payload,
    encode_payload,
    payload_codec,
    payload_schema,
)
from joblog.schemas.payloads.errors import PayloadRejectedError, PayloadTypeError
from joblog.schemas.payloads.return_values import is_return_value, return_value

__all__ = [
    "PayloadCodec",
    "PayloadRejectedError",
    "PayloadTypeError",
    "decode_payload",
    "encode_payload",
    "is_return_value",
    "payload_codec",
    "payload_schema",
    "return_value",
]
