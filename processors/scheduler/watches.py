"""Those who wait for a job to end, or for a position to be folded."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from joblog.lifecycle.partition.fold import PartitionFold


class PartitionMovedError(Exception):
    """The partition is no longer this process's; ask again."""


class Watches:
    """Wakes waiters after each cycle when their condition holds."""

    def __init__(self) -> None:
        """Nobody waits yet."""
        self._waiting: list[tuple[Callable[[PartitionFold], bool], asyncio.Future[None]]] = []

    async def until(
        self, holds: Callable[[PartitionFold], bool], fold: PartitionFold, timeout: float
    ) -> bool:
        """Wait until a condition holds, `timeout` seconds at most; return whether it does.

        Raises:
            PartitionMovedError: the partition was given up meanwhile.
        """
        if holds(fold):
            return True
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((holds, woken))
        with suppress(TimeoutError):
            await asyncio.wait_for(woken, timeout)
        return holds(fold)

    def wake(self, fold: PartitionFold) -> None:
        """Wake those whose condition holds, and forget those who went away."""
        if not self._waiting:
            return
        still = []
        for holds, woken in self._waiting:
            if woken.done():
                continue
            if holds(fold):
                woken.set_result(None)
            else:
                still.append((holds, woken))
        self._waiting = still

    def close(self) -> None:
        """Tell all waiters that the partition has moved."""
        for _, woken in self._waiting:
            if not woken.done():
                woken.set_exception(PartitionMovedError())
        self._waiting = []
