"""Sends records, each acknowledged, over a connection that is made anew after a failure."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

from joblog.client.calls import Calls
from joblog.client.errors import UnconfirmedError
from joblog.streams.errors import PublishError
from joblog.streams.kafka import KafkaPublisher
from joblog.streams.records import Outbound, Position
from joblog.streams.settings import Settings


class Sender:
    """Connects at the first record.

    A publisher that failed is of no use any more: a scheduler or worker ends then, but the program that
    submits goes on, and may submit again.

    Args:
        settings: where Kafka is, and which topics there are.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._publisher: KafkaPublisher | None = None
        self._connecting = asyncio.Lock()
        self._connects = Calls()
        self._abandoned: set[asyncio.Task[None]] = set()

    async def send(self, records: Sequence[Outbound]) -> Sequence[Position]:
        """Send records and return their positions; all are acknowledged when it returns.

        Raises:
            KafkaUnavailableError: no broker answers; nothing was sent.
            RecordTooLargeError: a record is larger than its topic takes; nothing was sent.
            UnconfirmedError: not all were acknowledged.
            ClientClosedError: it was stopped while it connected; nothing was sent.
        """
        async with self._connects.one():
            publisher = await self._connected()
        try:
            return await publisher.publish(records)
        except PublishError as error:
            self._abandon(publisher)
            raise UnconfirmedError(len(records), error.reason) from error

    async def stop(self) -> None:
        """Disconnect, once all is acknowledged; who waits for a connection no longer does."""
        for task in self._abandoned:
            task.cancel()
        await self._connects.close()
        self._connects = Calls()
        publisher, self._publisher = self._publisher, None
        if publisher is not None:
            await publisher.stop()

    async def _connected(self) -> KafkaPublisher:
        async with self._connecting:
            if self._publisher is None:
                publisher = KafkaPublisher(self._settings)
                await publisher.start()
                self._publisher = publisher
            return self._publisher

    def _abandon(self, publisher: KafkaPublisher) -> None:
        """Disconnect in the background: that may take long, and nothing good comes of it."""
        if self._publisher is not publisher:
            return
        self._publisher = None
        task = asyncio.create_task(_stopped(publisher), name="abandon a publisher")
        self._abandoned.add(task)
        task.add_done_callback(self._abandoned.discard)


async def _stopped(publisher: KafkaPublisher) -> None:
    with suppress(TimeoutError):
        await publisher.stop()
