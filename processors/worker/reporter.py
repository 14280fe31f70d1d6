"""Publishes reports, many at once, and says when each is acknowledged."""

import asyncio
from collections.abc import Callable
from time import monotonic
from typing import Final

from joblog.processors.worker.errors import PublishingEndedError
from joblog.streams.abc import Publisher
from joblog.streams.records import Outbound

MOST_AT_ONCE: Final = 2_000
"""Reports in one call of the publisher."""

PACE_SECONDS: Final = 0.02
"""Least time from one call to the next. Under light load each report would else be a request, a fetch and a cycle
of the scheduler of its own, on processors that starts wait for."""

MOST_HELD: Final = 32
"""Reports at which that time is not waited for: a call shares enough then."""

MOST_IN_VAIN: Final = 2
"""Waits in a row for which no other report came along, after which none is waited for a while. Where jobs come
one after the other, each once the one before is at its end, none ever comes along."""

ALONE_SECONDS: Final = 1.0
"""How long that while is."""


def nothing() -> None:
    """Do nothing."""


class Reporter:
    """A queue of reports and the one task that publishes them, in their order.

    What comes while a call is under way goes out together with the next; so does what comes soon after one
    began, as long as others come along.

    Args:
        publisher: writes records.
        pace: least time in seconds from one call to the next.
        alone: seconds without it after reports have waited in vain.
    """

    def __init__(
        self, publisher: Publisher, pace: float = PACE_SECONDS, alone: float = ALONE_SECONDS
    ) -> None:
        self._publisher = publisher
        self._pace = pace
        self._alone = alone
        self._not_before = 0.0
        self._in_vain = 0
        self._alone_until = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._queue: list[tuple[Outbound, Callable[[], None]]] = []
        self._news = asyncio.Event()
        self._added = 0
        self._acknowledged = 0
        self._waiting: list[tuple[int, asyncio.Future[None]]] = []
        self._listeners: list[Callable[[], None]] = []
        self._ended = False

    @property
    def unacknowledged(self) -> int:
        """How many reports the broker does not have yet, as far as is known."""
        return self._added - self._acknowledged

    def listen(self, acknowledged: Callable[[], None]) -> None:
        """Have a function called whenever some reports were acknowledged."""
        self._listeners.append(acknowledged)

    def add(self, record: Outbound, acknowledged: Callable[[], None] = nothing) -> None:
        """Queue a report.

        Args:
            record: the record.
            acknowledged: called once the broker has it.
        """
        self._queue.append((record, acknowledged))
        self._added += 1
        held = self._not_before - monotonic()
        if held <= 0 or len(self._queue) >= MOST_HELD:
            self._go()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(held, self._end_wait)

    async def flush(self) -> None:
        """Send all that was queued so far at once, and wait until it is acknowledged.

        Raises:
            PublishingEndedError: publishing has ended before.
        """
        self.check()
        if self._acknowledged < self._added:
            if self._queue:
                self._go()
            future = asyncio.get_running_loop().create_future()
            self._waiting.append((self._added, future))
            await future

    def check(self) -> None:
        """Check that reports are still published.

        Raises:
            PublishingEndedError: they are not.
        """
        if self._ended:
            raise PublishingEndedError

    async def run(self) -> None:
        """Publish until cancelled.

        Raises:
            PublishError: something was not acknowledged: the process has to end.
        """
        try:
            while True:
                await self._news.wait()
                await self._publish_next()
        finally:
            self._ended = True
            for _, future in self._waiting:
                if not future.done():
                    future.set_exception(PublishingEndedError())

    async def _publish_next(self) -> None:
        batch, self._queue = self._queue[:MOST_AT_ONCE], self._queue[MOST_AT_ONCE:]
        now = monotonic()
        self._not_before = now if now < self._alone_until else now + self._pace
        if not self._queue:
            self._news.clear()
        await self._publisher.publish([record for record, _ in batch])
        for _, acknowledged in batch:
            acknowledged()
        self._acknowledged += len(batch)
        self._wake()

    def _end_wait(self) -> None:
        self._in_vain = self._in_vain + 1 if len(self._queue) == 1 else 0
        if self._in_vain == MOST_IN_VAIN:
            self._alone_until = monotonic() + self._alone
            self._in_vain = 0
        self._go()

    def _go(self) -> None:
        """Let what is queued be published as soon as no call is under way."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._news.set()

    def _wake(self) -> None:
        for listener in self._listeners:
            listener()
        while self._waiting and self._waiting[0][0] <= self._acknowledged:
            _, future = self._waiting.pop(0)
            if not future.done():
                future.set_result(None)
