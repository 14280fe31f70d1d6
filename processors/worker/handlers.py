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

PAYLOAD: Final = "payload"
CONTEXT: Final = "context"

Model = type[BaseModel]

_MILLISECOND: Final = timedelta(milliseconds=1)
_ARGUMENTS: Final = (
    "its first argument whose type is a pydantic model is the payload; it may take a Context and "
    "resources too"
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
        arguments: its parameters, in order: `PAYLOAD`, `CONTEXT`, or the type of a resource.
        returns: annotation of its result, None where it has none.
        run_in: where it runs: in the event loop, in a thread, or in a process of its own.
        options: what is declared beside it.
    """

    type: str
    function: Callable[..., Any]
    payload: Model
    arguments: tuple[Any, ...]
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
    def needs(self) -> tuple[Any, ...]:
        """The resources that it asks for, by type."""
        return tuple(one for one in self.arguments if one not in (PAYLOAD, CONTEXT))

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
        function: takes the payload, and if it likes the context and resources.
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
) -> tuple[tuple[Any, ...], type[BaseModel], Any]:
    if not inspect.isfunction(function):
        raise HandlerError(type_, f"{function!r} is no function: use def or async def")
    if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
        raise HandlerError(type_, f"{function.__qualname__} yields: a handler returns its result")
    try:
        hints = get_type_hints(function, include_extras=True)
    except NameError as error:
        raise HandlerError(type_, f"its annotations cannot be resolved: {error}") from error
    parameters = positional(function)
    if parameters is None:
        words = f"{function.__qualname__} has parameters that cannot be given by position"
        raise HandlerError(type_, f"{words}: leave out * and **")
    payloads = [name for name in parameters if _is_model(hints.get(name))]
    if not payloads or list(hints.values()).count(Context) > 1:
        raise HandlerError(type_, f"it has the parameters {parameters}: {_ARGUMENTS}")
    arguments = tuple(_argument(type_, name, hints, payloads[0]) for name in parameters)
    return arguments, hints[payloads[0]], hints.get("return")


def positional(function: Callable[..., Any]) -> list[str] | None:
    """Return the names of a function's parameters, None where not all can be given by position."""
    parameters = inspect.signature(function).parameters.values()
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    if any(parameter.kind not in kinds for parameter in parameters):
        return None
    return [parameter.name for parameter in parameters]


def _is_model(annotation: object) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _argument(type_: str, name: str, hints: Mapping[str, Any], payload: str) -> Any:  # noqa: ANN401 - any type
    if name == payload:
        return PAYLOAD
    if name not in hints:
        raise HandlerError(type_, f"its parameter {name} has no type: {_ARGUMENTS}")
    return CONTEXT if hints[name] is Context else hints[name]
