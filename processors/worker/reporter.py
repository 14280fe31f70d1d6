"""Publishes reports, many at once, and says when each is acknowledged."""

import asyncio
from collections.abc import Callable
from typing import Final

from joblog.processors.worker.errors import PublishingEndedError
from joblog.streams.abc import Publisher
from joblog.streams.records import Outbound

MOST_AT_ONCE: Final = 2_000
"""Reports in one call of the publisher."""


def nothing() -> None:
    """Do nothing."""


class Reporter:
    """A queue of reports and the one task that publishes them, in their order.

    What comes while a call is under way goes out together with the next.

    Args:
        publisher: writes records.
    """

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher
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
        self._news.set()

    async def flush(self) -> None:
        """Wait until all that was queued so far is acknowledged.

        Raises:
            PublishingEndedError: publishing has ended before.
        """
        self.check()
        if self._acknowledged < self._added:
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
        if not self._queue:
            self._news.clear()
        await self._publisher.publish([record for record, _ in batch])
        for _, acknowledged in batch:
            acknowledged()
        self._acknowledged += len(batch)
        self._wake()

    def _wake(self) -> None:
        for listener in self._listeners:
            listener()
        while self._waiting and self._waiting[0][0] <= self._acknowledged:
            _, future = self._waiting.pop(0)
            if not future.done():
                future.set_result(None)
