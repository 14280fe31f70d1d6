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


CANCELLED: Final = "it was cancelled"


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
        late: ResourceFailedError | None = None
        try:
            done, _ = await asyncio.wait(
                {holding, opened}, timeout=OPEN_SECONDS, return_when=asyncio.FIRST_COMPLETED
            )
            if not done:
                late = self._late(OPEN_SECONDS)  # names what opens now, before others are closed
        finally:
            opened.cancel()
            if not self._opened.is_set():
                self._closing.set()
                holding.cancel()
                await asyncio.wait({holding}, timeout=CLOSE_SECONDS)
        if not self._opened.is_set():
            failures = [one for one in (late, _failure_of(holding)) if one is not None]
            raise _first_of(failures or [self._failure(CANCELLED)])
        self._holding = holding

    async def watch(self) -> None:
        """Wait as long as all is well with what is open.

        Raises:
            ResourceFailedError: one has ended by itself, such as one with a task group whose task failed.
        """
        if self._holding is not None:
            await asyncio.wait({self._holding})
            await self.check()

    async def check(self) -> None:
        """Look whether all is well with what is open, where nobody watches it.

        Raises:
            ResourceFailedError: one has ended by itself.
        """
        await asyncio.sleep(0)  # in a loop that stood still, what has failed is not yet done
        if self._holding is not None and self._holding.done():
            raise _failure_of(self._holding) or self._failure(CANCELLED)

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
            late = self._late(CLOSE_SECONDS)
            holding.cancel()
            raise late
        if (failure := _failure_of(holding)) is not None:
            raise failure

    async def _hold(self) -> None:
        stack = AsyncExitStack()
        failures: list[ResourceFailedError] = []
        try:
            await self._open_all(stack, failures)
            self._opened.set()
            self._now = ("hold", ", ".join(resource.name for resource in self.ordered))
            await self._closing.wait()
        except ResourceFailedError as error:
            self._closing.set()
            failures.append(error)
        finally:
            await stack.aclose()
            if failures:
                raise _first_of(failures)

    async def _open_all(self, stack: AsyncExitStack, failures: list[ResourceFailedError]) -> None:
        for resource in self.ordered:
            self._now = ("open", resource.name)
            own = AsyncExitStack()
            try:
                value = await resource.open(self._given, own)
            except Exception as error:
                raise self._failure(_text_of(error)) from error
            stack.push_async_callback(self._close, resource.name, own, failures)
            if resource.gives is not None:
                self._given[resource.gives] = value

    async def _close(
        self, name: str, own: AsyncExitStack, failures: list[ResourceFailedError]
    ) -> None:
        """Close one; it hears nothing of what others raise, and they hear nothing of what it raises."""
        ends_by_itself = not self._closing.is_set()
        self._now = ("hold" if ends_by_itself else "close", name)
        try:
            await own.aclose()
        except Exception as error:  # noqa: BLE001 - whatever it is, the others are to be closed
            failure = self._failure(_text_of(error))
            failure.__cause__ = error
            # What needs one that has ended is closed before it, and may fail for that.
            failures.insert(0 if ends_by_itself else len(failures), failure)

    def _late(self, seconds: float) -> ResourceFailedError:
        return self._failure(f"it took more than {seconds:g} s")

    def _failure(self, reason: str) -> ResourceFailedError:
        step, name = self._now
        return ResourceFailedError(name, step, reason)


def _first_of(failures: Sequence[BaseException]) -> BaseException:
    first, *others = failures
    for other in others:
        first.add_note(str(other))
    return first


def _failure_of(holding: "asyncio.Task[None]") -> BaseException | None:
    return holding.exception() if holding.done() and not holding.cancelled() else None


def _text_of(error: BaseException) -> str:
    if isinstance(error, BaseExceptionGroup):  # of a task group: its own words say nothing
        return "; ".join(_text_of(one) for one in error.exceptions)
    return f"{type(error).__name__}: {error}"
