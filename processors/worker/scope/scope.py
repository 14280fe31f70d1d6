"""What a handler is called within: it gets all it asks for, and middleware is around the call."""

from collections.abc import Sequence
from contextlib import AsyncExitStack, ExitStack
from typing import Any

from joblog.processors.worker.context import Context
from joblog.processors.worker.handlers import CONTEXT, PAYLOAD, Handler
from joblog.processors.worker.scope.held import HeldResources
from joblog.processors.worker.scope.middleware import Middleware
from joblog.processors.worker.scope.resources import Resource


class Scope:
    """What the handlers of a process run within.

    Args:
        resources: the resources, in any order. Defaults to none.
        middlewares: what is around each call, the outermost first. Defaults to none.

    Attributes:
        resources: the resources, which are to be opened before the first call.

    Raises:
        ScopeError: two resources give the same, one needs what none gives, or some need each other.
    """

    def __init__(
        self, resources: Sequence[Resource] = (), middlewares: Sequence[Middleware] = ()
    ) -> None:
        self.resources = HeldResources(resources)
        self._middlewares = tuple(middlewares)

    @property
    def declared(self) -> tuple[tuple[Resource, ...], tuple[Middleware, ...]]:
        """What another process makes its own scope of."""
        return self.resources.ordered, self._middlewares

    def call(self, handler: Handler, payload: object, context: Context) -> Any:  # noqa: ANN401 - any result
        """Call a plain function; what it raises goes through the middleware."""
        arguments = self._arguments(handler, payload, context)
        if not self._middlewares:
            return handler.function(*arguments)
        with ExitStack() as stack:
            for middleware in self._middlewares:
                stack.enter_context(middleware.around(context, self.resources.given))
            return handler.function(*arguments)
        return None  # a middleware has caught what was raised

    async def call_coroutine(self, handler: Handler, payload: object, context: Context) -> Any:  # noqa: ANN401 - any result
        """Await a coroutine function; what it raises goes through the middleware."""
        arguments = self._arguments(handler, payload, context)
        if not self._middlewares:
            return await handler.function(*arguments)
        given = self.resources.given
        async with AsyncExitStack() as stack:
            for middleware in self._middlewares:
                if middleware.is_async:
                    await stack.enter_async_context(middleware.around_async(context, given))
                else:
                    stack.enter_context(middleware.around(context, given))
            return await handler.function(*arguments)
        return None  # a middleware has caught what was raised

    def _arguments(self, handler: Handler, payload: object, context: Context) -> list[Any]:
        given = self.resources.given
        return [
            payload if one == PAYLOAD else context if one == CONTEXT else given[one]
            for one in handler.arguments
        ]
