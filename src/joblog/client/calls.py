"""The calls of a client that wait for an answer, and what becomes of them when it is closed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from joblog.client.errors import ClientClosedError
from joblog.schemas.errors import JoblogError


class Calls:
    """Knows which calls are under way, and ends them."""

    def __init__(self) -> None:
        self._scopes: set[asyncio.Timeout] = set()
        self._closed = False
        self._none_left = asyncio.Event()

    def refuse_if_closed(self) -> None:
        """Do nothing while the client is open.

        Raises:
            ClientClosedError: it is closed.
        """
        if self._closed:
            raise ClientClosedError

    @asynccontextmanager
    async def one(self) -> AsyncIterator[None]:
        """Wait for an answer in the block. Where the caller's task is cancelled, it sees that as ever.

        Raises:
            ClientClosedError: the client is closed, or was before the answer came.
        """
        self.refuse_if_closed()
        scope = asyncio.timeout(None)
        try:
            async with scope:
                self._scopes.add(scope)
                yield
        except TimeoutError as error:
            if isinstance(error, JoblogError) or not scope.expired():
                raise
            raise ClientClosedError from error
        finally:
            self._scopes.discard(scope)
            if not self._scopes:
                self._none_left.set()

    async def close(self) -> None:
        """End all calls, and return once they have ended; none begins any more."""
        if not self._closed:
            self._closed = True
            for scope in self._scopes:
                scope.reschedule(0)
        while self._scopes:
            self._none_left.clear()
            await self._none_left.wait()
