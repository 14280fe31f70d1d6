"""The handlers of a worker, by job type."""

import importlib
import pickle
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Any, Final, TypeVar

from joblog.processors.worker.errors import HandlerError, NoHandlersError
from joblog.processors.worker.handlers import Handler, Options, RunIn, handler_of
from joblog.schemas.models import RetryPolicy

Function = TypeVar("Function", bound=Callable[..., Any])


class Registry:
    """Handlers, at most one for each job type."""

    def __init__(self) -> None:
        """Begin empty."""
        self._handlers: dict[str, Handler] = {}

    def job(  # noqa: PLR0913 - keywords, each with a default that most handlers keep
        self,
        type_: str,
        *,
        lane: str = "default",
        retry: RetryPolicy | None = None,
        maximum_retry: RetryPolicy | None = None,
        timeout: timedelta | None = None,
        run_in: RunIn | None = None,
    ) -> Callable[[Function], Function]:
        """Declare that the decorated function runs the jobs of a type.

        The function stands at the top of a module, so that child processes can import it; it takes a
        pydantic model and, if it likes, a `Context`. It is returned as it is.

        Args:
            type_: the job type.
            lane: lane whose workers run it. Defaults to `default`.
            retry: policy of jobs that name none. Defaults to 5 attempts, 1 s doubling.
            maximum_retry: upper bounds for the policies of submissions. Defaults to none.
            timeout: longest run of an attempt, unless the submission says less. Defaults to no limit.
            run_in: `async`, `thread` or `process`. Defaults to `async` for coroutine functions and to
                `thread` for others.

        Raises:
            HandlerError: the function or an option cannot be used.
            PayloadTypeError: the payload's model has no Avro schema.
        """
        options = Options(lane, retry or RetryPolicy(), maximum_retry, timeout)

        def decorate(function: Function) -> Function:
            self.add(handler_of(type_, function, run_in, options))
            return function

        return decorate

    def add(self, handler: Handler) -> None:
        """Take in a handler.

        Raises:
            HandlerError: another function has its type.
        """
        known = self._handlers.get(handler.type)
        if known is not None and _name(known) != _name(handler):
            raise HandlerError(
                handler.type,
                f"{_name(known)} has the type already: give {_name(handler)} another type",
            )
        self._handlers[handler.type] = handler

    def get(self, type_: str) -> Handler | None:
        """Return the handler of a job type, None where there is none."""
        return self._handlers.get(type_)

    def __iter__(self) -> Iterator[Handler]:
        return iter(self._handlers.values())

    @property
    def lanes(self) -> list[str]:
        """The lanes of all handlers."""
        return sorted({handler.options.lane for handler in self})

    @property
    def modules(self) -> list[str]:
        """The modules that child processes have to import."""
        functions = {handler.function.__module__ for handler in self}
        return sorted(functions | {handler.payload.__module__ for handler in self})

    def check(self, lanes: Sequence[str]) -> None:
        """Check what can only be known once everything is imported.

        Args:
            lanes: the lanes of the log.

        Raises:
            NoHandlersError: there are none.
            HandlerError: a handler cannot be imported by its name, or its lane is none of the log's.
        """
        if not self._handlers:
            raise NoHandlersError
        for handler in self:
            if handler.options.lane not in lanes:
                words = f"lane {handler.options.lane!r} is none of JOBLOG_LANES={','.join(lanes)}"
                raise HandlerError(handler.type, words)
            if "__main__" in (handler.function.__module__, handler.payload.__module__):
                words = (
                    "child processes cannot import what is defined in the script that runs: move it into "
                    "a module, and import that"
                )
                raise HandlerError(handler.type, words)
            try:
                pickle.dumps(handler)
            except (pickle.PicklingError, AttributeError, TypeError) as error:
                words = (
                    f"child processes cannot import it ({error}): define it at the top of a module, and "
                    "put @job above other decorators"
                )
                raise HandlerError(handler.type, words) from error


HANDLERS: Final = Registry()
"""What `@job` registers."""

job = HANDLERS.job


def load_handlers(references: Sequence[str]) -> Registry:
    """Import handlers.

    Args:
        references: `module`, for what its `@job` decorators register, or `module:attribute`, for a
            `Registry` in it.

    Raises:
        ImportError: there is no such module.
        TypeError: the attribute is no registry.
    """
    loaded = Registry()
    for reference in references:
        name, _, attribute = reference.partition(":")
        module = importlib.import_module(name)
        found = getattr(module, attribute, None) if attribute else HANDLERS
        if not isinstance(found, Registry):
            raise TypeError(f"{reference} is no registry: name a module, or module:registry")
        for handler in found:
            loaded.add(handler)
    return loaded


def _name(handler: Handler) -> str:
    return f"{handler.function.__module__}.{handler.function.__qualname__}"
