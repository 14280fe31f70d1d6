"""A handler: the function that runs a type's jobs, and what is declared with it."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final, Literal, get_type_hints

from pydantic import BaseModel, PydanticUserError, ValidationError

from joblog.processors.worker.context import Context
from joblog.processors.worker.errors import HandlerError
from joblog.processors.worker.results import result_schema
from joblog.schemas.avro_schema import AvroSchema
from joblog.schemas.models import RetryPolicy, TypeAnnounced
from joblog.schemas.payloads import payload_schema

RunIn = Literal["async", "thread", "process"]
ASYNC: Final[RunIn] = "async"
THREAD: Final[RunIn] = "thread"
PROCESS: Final[RunIn] = "process"

Model = type[BaseModel]

_MILLISECOND: Final = timedelta(milliseconds=1)
_ARGUMENTS: Final = (
    "it takes one argument whose type is a pydantic model, and, if it likes, a Context"
)


@dataclass(frozen=True)
class Options:
    """What is declared beside the function.

    Attributes:
        lane: lane whose workers run it. Defaults to `default`.
        retry: policy of jobs that name none.
        maximum_retry: upper bounds for the policies of submissions. Defaults to none.
        timeout: longest run of an attempt, unless the submission says less. Defaults to no limit.
    """

    lane: str = "default"
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    maximum_retry: RetryPolicy | None = None
    timeout: timedelta | None = None


@dataclass(frozen=True)
class Handler:
    """A function that runs the jobs of a type.

    Attributes:
        type: the job type.
        function: the function.
        payload: model of its payload.
        arguments: its parameters, in order: the `payload`, the `context`.
        returns: annotation of its result, None where it has none.
        run_in: where it runs: in the event loop, in a thread, or in a process of its own.
        options: what is declared beside it.
    """

    type: str
    function: Callable[..., Any]
    payload: Model
    arguments: tuple[Literal["payload", "context"], ...]
    returns: Any
    run_in: RunIn
    options: Options

    @property
    def schema(self) -> AvroSchema:
        """The schema of its payload."""
        return payload_schema(self.payload)

    @property
    def result_schema(self) -> AvroSchema | None:
        """The schema of its results, None where it returns nothing."""
        return result_schema(self.returns)

    @property
    def is_coroutine(self) -> bool:
        """Whether the function is a coroutine function."""
        return inspect.iscoroutinefunction(self.function)

    def declaration(self) -> TypeAnnounced:
        """Return what is announced of the type, in version 1, by nobody, at no time."""
        options = self.options
        return TypeAnnounced(
            event_id=f"type-{self.type}",
            time=0,
            version=1,
            type=self.type,
            lane=options.lane,
            payload_schemas=(self.schema.fingerprint,),
            retry_policy=options.retry,
            maximum_retry_policy=options.maximum_retry,
            timeout_ms=None if options.timeout is None else options.timeout // _MILLISECOND,
        )


def handler_of(
    type_: str, function: Callable[..., Any], run_in: RunIn | None, options: Options
) -> Handler:
    """Return the handler that a function is.

    Args:
        type_: the job type.
        function: takes the payload, and the context if it likes.
        run_in: where it runs. None: coroutine functions in the event loop, others in a thread.
        options: what is declared beside it.

    Raises:
        HandlerError: the function or an option cannot be used.
        PayloadTypeError: the payload's model has no Avro schema.
    """
    arguments, payload, returns = _signature(type_, function)
    handler = Handler(
        type_, function, payload, arguments, returns, _where(type_, function, run_in), options
    )
    _check_result(handler)
    try:
        handler.declaration()
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        where = ".".join(map(str, problem["loc"]))
        raise HandlerError(type_, f"{where}={problem['input']!r}: {problem['msg']}") from error
    return handler


def _check_result(handler: Handler) -> None:
    try:
        result_schema(handler.returns)
    except (TypeError, PydanticUserError) as error:
        words = f"its return annotation {handler.returns} cannot be used: {error}"
        raise HandlerError(handler.type, words) from error


def _where(type_: str, function: Callable[..., Any], run_in: RunIn | None) -> RunIn:
    is_coroutine = inspect.iscoroutinefunction(function)
    if run_in is None:
        return ASYNC if is_coroutine else THREAD
    if run_in not in (ASYNC, THREAD, PROCESS):
        raise HandlerError(type_, f"run_in={run_in!r}: use one of async, thread, process")
    if run_in == (THREAD if is_coroutine else ASYNC):
        kind = "a coroutine function" if is_coroutine else "no coroutine function"
        raise HandlerError(type_, f"run_in={run_in!r}, but {function.__qualname__} is {kind}")
    return run_in


def _signature(
    type_: str, function: Callable[..., Any]
) -> tuple[tuple[Literal["payload", "context"], ...], type[BaseModel], Any]:
    if not inspect.isfunction(function):
        raise HandlerError(type_, f"{function!r} is no function: use def or async def")
    try:
        hints = get_type_hints(function, include_extras=True)
    except NameError as error:
        raise HandlerError(type_, f"its annotations cannot be resolved: {error}") from error
    parameters = list(inspect.signature(function).parameters)
    roles = tuple(_role(type_, name, hints) for name in parameters)
    if sorted(roles) not in (["payload"], ["context", "payload"]):
        raise HandlerError(type_, f"it has the parameters {parameters}: {_ARGUMENTS}")
    payload = hints[parameters[roles.index("payload")]]
    return roles, payload, hints.get("return")


def _role(type_: str, name: str, hints: Mapping[str, Any]) -> Literal["payload", "context"]:
    annotation = hints.get(name)
    if annotation is Context:
        return "context"
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "payload"
    raise HandlerError(type_, f"parameter {name} has the type {annotation}: {_ARGUMENTS}")
