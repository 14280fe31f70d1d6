"""What a job is: its type, and its payload in Avro."""

from collections.abc import Callable
from typing import Any, NamedTuple

from pydantic import BaseModel

from joblog.client.errors import SubmissionRefusedError
from joblog.processors.worker.handlers import Handler
from joblog.processors.worker.registry import declared_by
from joblog.schemas.avro_schema import AvroSchema
from joblog.schemas.payloads import encode_payload, payload_schema

Target = str | Callable[..., Any]
"""A job type, or the function that `@job` declared for one."""


class Payload(NamedTuple):
    """An encoded payload: the schema that wrote it, and the Avro body."""

    schema: AvroSchema
    body: bytes


class Order(NamedTuple):
    """A job type and a payload of it."""

    type: str
    payload: Payload


def order_of(target: Target, payload: BaseModel | Payload) -> Order:
    """Return what is to be run.

    Args:
        target: the job type, or its handler.
        payload: the handler's argument: a model, or what was encoded already.

    Raises:
        SubmissionRefusedError: the target is no handler, or the payload is not the one that it takes.
        PayloadTypeError: the payload's model has no Avro schema.
        PayloadRejectedError: a value does not fit that schema.
    """
    if not isinstance(target, str):
        handler = _handler_of(target)
        _check(handler, payload)
        target = handler.type
    if isinstance(payload, Payload):
        return Order(target, payload)
    if not isinstance(payload, BaseModel):
        rule = "a payload is an instance of a pydantic model: make one of the handler's"
        raise SubmissionRefusedError("payload", type(payload).__name__, rule)
    return Order(target, Payload(payload_schema(type(payload)), encode_payload(payload)))


def _handler_of(target: Callable[..., Any]) -> Handler:
    declared = declared_by(target)
    if len(declared) == 1:
        return declared[0]
    rule = "it is no handler: decorate it with @joblog.job, or name its job type"
    if declared:
        types = ", ".join(handler.type for handler in declared)
        rule = f"it is the handler of several types ({types}): name one"
    raise SubmissionRefusedError("type", getattr(target, "__qualname__", repr(target)), rule)


def _check(handler: Handler, payload: object) -> None:
    if not isinstance(payload, handler.payload | Payload):
        rule = f"the handler of {handler.type!r} takes a {handler.payload.__name__}: give one"
        raise SubmissionRefusedError("payload", type(payload).__name__, rule)
