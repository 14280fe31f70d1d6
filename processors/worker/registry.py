"""The handlers of a worker, by job type."""

import importlib
import pickle
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import timedelta
from typing import Any, Final, TypeVar
from weakref import WeakKeyDictionary

from joblog.processors.worker.errors import HandlerError, NoHandlersError
from joblog.processors.worker.handlers import Handler, Options, RunIn, handler_of
from joblog.processors.worker.scope import (
    Middleware,
    Resource,
    Scope,
    middleware_of,
    resource_of,
)
from joblog.processors.worker.scope.errors import ScopeError
from joblog.processors.worker.scope.resources import missing
from joblog.schemas.models import RetryPolicy

Function = TypeVar("Function", bound=Callable[..., Any])

_DECLARED: Final[WeakKeyDictionary[Callable[..., Any], dict[str, Handler]]] = WeakKeyDictionary()
"""The handlers of all registries, by function and type."""


class Registry:
    """Handlers, at most one for each job type, and what is around them; it begins empty.

    Attributes:
        resources: the resources, by the names of their functions.
        middlewares: the middleware, likewise; the first is the outermost.
    """

    def __init__(self) -> None:
        self._handlers: dict[str, Handler] = {}
        self.resources: dict[str, Resource] = {}
        self.middlewares: dict[str, Middleware] = {}

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

        The function stands at the top of a module, so that child processes can import it. Its first
        argument whose type is a pydantic model is the payload; it may take a `Context` too, and what
        resources give, each by its type. It is returned as it is.

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
        _DECLARED.setdefault(handler.function, {})[handler.type] = handler

    def resource(self, function: Function) -> Function:
        """Declare that the decorated function opens and closes something that handlers share.

        The function yields once. What is before the yield is done when a worker starts, what is after it
        when it ends; the same in each child process that runs handlers. What it yields is handed to all
        handlers, middleware and resources with a parameter of that type. It is returned as it is.

        Raises:
            ScopeError: the function cannot be used.
        """
        found = resource_of(function)
        self.resources[found.name] = found
        return function

    def middleware(self, function: Function) -> Function:
        """Declare that the decorated function is around each call of a handler.

        The function yields once, where the handler runs, and nothing; what the handler raises is raised
        there. It may take the `Context`, and what resources give. The first that is declared is the
        outermost. It is returned as it is.

        Raises:
            ScopeError: the function cannot be used.
        """
        found = middleware_of(function)
        self.middlewares[found.name] = found
        return function

    def include(self, other: "Registry") -> None:
        """Take in all that another registry holds.

        Raises:
            HandlerError: another function has the type of one of its handlers.
        """
        for handler in other:
            self.add(handler)
        self.resources |= other.resources
        self.middlewares |= other.middlewares

    def scope(self) -> Scope:
        """Return what the handlers run within; nothing of it is open yet.

        Raises:
            ScopeError: two resources give the same, one needs what none gives, or some need each other.
        """
        return Scope(list(self.resources.values()), list(self.middlewares.values()))

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
        declared = (*self, *self.resources.values(), *self.middlewares.values())
        functions = {one.function.__module__ for one in declared}
        return sorted(functions | {handler.payload.__module__ for handler in self})

    def check(self, lanes: Sequence[str]) -> None:
        """Check what can only be known once everything is imported.

        Args:
            lanes: the lanes of the log.

        Raises:
            NoHandlersError: there are none.
            HandlerError: a handler cannot be imported by its name, asks for what no resource gives, or its
                lane is none of the log's.
            ScopeError: the same of a resource or a middleware.
        """
        if not self._handlers:
            raise NoHandlersError
        self.check_needs()
        for handler in self:
            if handler.options.lane not in lanes:
                words = f"lane {handler.options.lane!r} is none of JOBLOG_LANES={','.join(lanes)}"
                raise HandlerError(handler.type, words)
            modules = (handler.function.__module__, handler.payload.__module__)
            if (problem := unimportable(handler, "job", modules)) is not None:
                raise HandlerError(handler.type, problem)
        around: list[Resource | Middleware] = [
            *self.resources.values(),
            *self.middlewares.values(),
        ]
        for shared in around:
            kind = "resource" if isinstance(shared, Resource) else "middleware"
            problem = unimportable(shared, kind, (shared.function.__module__,))
            if problem is not None:
                raise ScopeError(shared.name, problem)

    def check_needs(self) -> None:
        """Check that there is all that handlers, middleware and resources ask for.

        Raises:
            HandlerError: a handler asks for what no resource gives.
            ScopeError: the same of a resource or a middleware, or a middleware cannot be around a handler.
        """
        given = self.scope().resources.gives
        for middleware in self.middlewares.values():
            self._check_middleware(middleware, given)
        for handler in self:
            for need in handler.needs:
                if need not in given:
                    raise HandlerError(handler.type, missing(need))

    def _check_middleware(self, middleware: Middleware, given: Collection[Any]) -> None:
        for need in middleware.needs:
            if need not in given:
                raise ScopeError(middleware.name, missing(need))
        for handler in self:
            if middleware.is_async and not handler.is_coroutine:
                name = handler.function.__qualname__
                words = (
                    f"it is asynchronous, and {name} is no coroutine function: write it with def"
                )
                raise ScopeError(middleware.name, words)


def unimportable(declared: object, decorator: str, modules: Collection[str]) -> str | None:
    """Return why child processes cannot import something, and the fix; None where they can."""
    if "__main__" in modules:
        return (
            "child processes cannot import what is defined in the script that runs: move it into "
            "a module, and import that"
        )
    try:
        pickle.dumps(declared)
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        return (
            f"child processes cannot import it ({error}): define it at the top of a module, and "
            f"put @{decorator} above other decorators"
        )
    return None


HANDLERS: Final = Registry()
"""What `@job`, `@resource` and `@middleware` declare, in whatever module."""

job = HANDLERS.job
"""Declares a handler, see `Registry.job`. Workers and `joblog.testing` know all that were declared."""

resource = HANDLERS.resource
"""Declares what handlers share, see `Registry.resource`."""

middleware = HANDLERS.middleware
"""Declares what is around each call of a handler, see `Registry.middleware`."""


def declared_by(function: Callable[..., Any]) -> list[Handler]:
    """Return the handlers that a function was declared as, in whatever registries: one for each job type."""
    return list(_DECLARED.get(function, {}).values())


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
        loaded.include(found)
    return loaded


def _name(handler: Handler) -> str:
    return f"{handler.function.__module__}.{handler.function.__qualname__}"
