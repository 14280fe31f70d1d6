"""The resources of one process, from the first that opens to the last that closes."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from typing import Any, Final

from joblog.processors.worker.scope.errors import ResourceFailedError
from joblog.processors.worker.scope.resources import Resource, in_order

OPEN_SECONDS: Final = 60.0
"""How long all resources of a process may take to open."""

CLOSE_SECONDS: Final = 10.0
"""How long they may take to close."""


class HeldResources:
    """Opens resources in an order in which each finds what it needs, and closes them in reverse.

    Both happen in one task, as what is built on task groups demands.

    Args:
        resources: the resources, in any order.

    Attributes:
        ordered: the same, in the order in which they open.

    Raises:
        ScopeError: two give the same, one needs what none gives, or some need each other.
    """

    def __init__(self, resources: Sequence[Resource]) -> None:
        self.ordered = tuple(in_order(resources))
        self._given: dict[Any, Any] = {}
        self._now = ("open", "")
        self._opened = asyncio.Event()
        self._closing = asyncio.Event()
        self._holding: asyncio.Task[None] | None = None

    @property
    def gives(self) -> set[Any]:
        """The types of all resources."""
        return {resource.gives for resource in self.ordered if resource.gives is not None}

    @property
    def given(self) -> Mapping[Any, Any]:
        """What is open, by its type."""
        return self._given

    async def open(self) -> None:
        """Open all.

        Raises:
            ResourceFailedError: one did not open; those before it are closed again.
        """
        if not self.ordered:
            return
        holding = asyncio.create_task(self._hold(), name="hold resources")
        opened = asyncio.create_task(self._opened.wait(), name="wait for resources")
        try:
            await asyncio.wait(
                {holding, opened}, timeout=OPEN_SECONDS, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            opened.cancel()
            if not self._opened.is_set():
                holding.cancel()
                await asyncio.wait({holding}, timeout=CLOSE_SECONDS)
        if not self._opened.is_set():
            raise _failure_of(holding) or self._failure(f"it took more than {OPEN_SECONDS:g} s")
        self._holding = holding

    async def watch(self) -> None:
        """Wait as long as all is well with what is open.

        Raises:
            ResourceFailedError: one has ended by itself, such as one with a task group whose task failed.
        """
        if self._holding is not None:
            await asyncio.wait({self._holding})
            raise _failure_of(self._holding) or self._failure("it ended by itself")

    async def close(self) -> None:
        """Close all that are open, the last first.

        Raises:
            ResourceFailedError: one did not close.
        """
        if self._holding is None:
            return
        self._closing.set()
        holding, self._holding = self._holding, None
        done, _ = await asyncio.wait({holding}, timeout=CLOSE_SECONDS)
        if not done:
            holding.cancel()
            raise self._failure(f"it took more than {CLOSE_SECONDS:g} s")
        if (failure := _failure_of(holding)) is not None:
            raise failure

    async def _hold(self) -> None:
        stack = AsyncExitStack()
        try:
            try:
                await self._open_all(stack)
                self._opened.set()
                await self._closing.wait()
            finally:
                await stack.aclose()  # a resource hears nothing of what others raise
        except ResourceFailedError:
            raise
        except Exception as error:
            raise self._failure(_text_of(error)) from error

    async def _open_all(self, stack: AsyncExitStack) -> None:
        for resource in self.ordered:
            self._now = ("open", resource.name)
            try:
                value = await resource.open(self._given, stack)
            except Exception as error:
                raise self._failure(_text_of(error)) from error
            stack.callback(self._closes, resource.name)
            if resource.gives is not None:
                self._given[resource.gives] = value

    def _closes(self, name: str) -> None:
        self._now = ("close", name)

    def _failure(self, reason: str) -> ResourceFailedError:
        step, name = self._now
        return ResourceFailedError(name, step, reason)


def _failure_of(holding: "asyncio.Task[None]") -> BaseException | None:
    return holding.exception() if holding.done() and not holding.cancelled() else None


def _text_of(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
