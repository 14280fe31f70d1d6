"""Middleware: what happens around each call of a handler."""

from collections.abc import Callable, Mapping
from contextlib import (
    AbstractAsyncContextManager,
    AbstractContextManager,
    asynccontextmanager,
    contextmanager,
)
from dataclasses import dataclass
from typing import Any

from joblog.processors.worker.context import Context
from joblog.processors.worker.scope.errors import ScopeError
from joblog.processors.worker.scope.signatures import name_of, signature_of


@dataclass(frozen=True)
class Middleware:
    """What is done before and after each call of a handler.

    Attributes:
        function: yields once, where the handler runs; what the handler raises is raised there.
        asks: its parameters, by type: the `Context`, and resources.
        is_async: whether the function is asynchronous: it is for coroutine functions only.
    """

    function: Callable[..., Any]
    asks: tuple[Any, ...]
    is_async: bool

    @property
    def name(self) -> str:
        """The function's name, with its module."""
        return name_of(self.function)

    @property
    def needs(self) -> tuple[Any, ...]:
        """The resources that it asks for, by type."""
        return tuple(one for one in self.asks if one is not Context)

    def around(self, context: Context, given: Mapping[Any, Any]) -> AbstractContextManager[None]:
        """Return what to be in while a plain or a coroutine function runs; not if this is asynchronous."""
        manager: AbstractContextManager[None] = contextmanager(self.function)(
            *self._arguments(context, given)
        )
        return manager

    def around_async(
        self, context: Context, given: Mapping[Any, Any]
    ) -> AbstractAsyncContextManager[None]:
        """Return what to be in while a coroutine function runs; only if this is asynchronous."""
        manager: AbstractAsyncContextManager[None] = asynccontextmanager(self.function)(
            *self._arguments(context, given)
        )
        return manager

    def _arguments(self, context: Context, given: Mapping[Any, Any]) -> list[Any]:
        return [context if one is Context else given[one] for one in self.asks]


def middleware_of(function: Callable[..., Any]) -> Middleware:
    """Return the middleware that a generator function is.

    Raises:
        ScopeError: it cannot be one.
    """
    signature = signature_of(function)
    if signature.gives is not None:
        words = "it yields something, and there is nobody to take it: yield nothing, and say Iterator[None]"
        raise ScopeError(name_of(function), words)
    return Middleware(function, signature.needs, signature.is_async)
