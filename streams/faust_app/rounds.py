"""When partitions begin their cycles where many have something to do."""

import asyncio
from typing import Final

AT_ONCE: Final = 4
"""Cycles that run beside each other before others wait for them."""

PATIENCE_SECONDS: Final = 0.05
"""How long a partition waits at most: what runs may be held up, for example by a broker that is gone."""


class Rounds:
    """Lets cycles begin at once while few run; others wait until these are done, and begin together.

    What gathers meanwhile makes larger batches, and cycles that begin together share requests, here and
    for all who read what they put out: a request costs as much as dozens of records.

    Args:
        patience: most seconds that one waits. Defaults to 0.05.
    """

    def __init__(self, patience: float = PATIENCE_SECONDS) -> None:
        self._patience = patience
        self._running = 0
        self._next: asyncio.Event | None = None

    async def begin(self) -> None:
        """Wait until a cycle may begin, and count it as running; cancelled, it does not."""
        if self._next is not None or self._running >= AT_ONCE:
            await self._next_round().wait()
        self._running += 1

    def end(self) -> None:
        """Count a cycle as done."""
        self._running -= 1
        if not self._running and self._next is not None:
            self._open(self._next)

    def _next_round(self) -> asyncio.Event:
        if self._next is None:
            self._next = asyncio.Event()
            asyncio.get_running_loop().call_later(self._patience, self._open, self._next)
        return self._next

    def _open(self, round_: asyncio.Event) -> None:
        round_.set()
        if self._next is round_:
            self._next = None
