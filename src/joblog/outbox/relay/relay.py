"""Publishes the entries of an outbox, and deletes them once the log has them."""

import asyncio
import logging
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from joblog.client.connection import Connection
from joblog.client.errors import UnconfirmedError
from joblog.client.records import Records
from joblog.outbox.database import Database
from joblog.outbox.errors import (
    DatabaseUnavailableError,
    EntriesUnconfirmedError,
    RelayNotStoppedError,
)
from joblog.outbox.relay.announcer import Announcer
from joblog.outbox.relay.assessor import Assessor, Batch
from joblog.outbox.relay.metrics import RelayMetrics
from joblog.outbox.relay.steps import Reached, RelayStep, ignore
from joblog.outbox.stored import StoredEntries, Waiting
from joblog.streams.settings import Settings
from joblog.streams.topics import TopicMap

LOOK_SECONDS: Final = 10.0
"""Time between two counts of the entries, each of which may read a hundred thousand of them."""

FAREWELL_SECONDS: Final = 1.0
"""Time to roll back, where there is none left to finish."""

MS: Final = 1_000

logger = logging.getLogger(__name__)


class Relay:
    """Takes entries, publishes them, deletes them, again and again; any number share the work.

    Args:
        settings: how much at once, how often, and the limits where the log has announced none.
        database: the database with the outbox, connected.
        log: the log, connected.
        records: makes what is published.
        metrics: are told.
        reached: told each step of a batch. Defaults to nobody.

    Attributes:
        ready: whether it has been through the table at least once.
    """

    def __init__(  # noqa: PLR0913 - what it works with
        self,
        settings: Settings,
        database: Database,
        log: Connection,
        records: Records,
        *,
        metrics: RelayMetrics,
        reached: Reached = ignore,
    ) -> None:
        self.ready = False
        self._settings = settings
        self._database = database
        self._entries = StoredEntries(database)
        self._log = log
        self._assessor = Assessor(records, TopicMap.of(settings).events)
        self._announcer = Announcer(log, records)
        self._metrics = metrics
        self._reached = reached
        self._stopping = asyncio.Event()
        self._look_at = 0.0

    def stop(self) -> None:
        """Ask it to finish its batch and return from `run`."""
        self._stopping.set()

    async def run(self) -> None:
        """Publish until asked to stop.

        Raises:
            OutboxTableMissingError: there is no table.
            DatabaseUnavailableError: the database does not answer.
            KafkaUnavailableError: no broker answers.
            EntriesUnconfirmedError: Kafka did not acknowledge in time; the entries are still in the table.
            RelayNotStoppedError: it was asked to stop, and its batch did not end in time.
        """
        working = asyncio.create_task(self._work(), name="relay")
        stopping = asyncio.create_task(self._stopping.wait(), name="wait for the stop")
        try:
            await asyncio.wait((working, stopping), return_when=asyncio.FIRST_COMPLETED)
            await self._finish(working)
        finally:
            working.cancel()
            stopping.cancel()
            await asyncio.wait((working, stopping), timeout=FAREWELL_SECONDS)

    async def relay_batch(self) -> bool:
        """Publish and delete the next entries, and return whether more may wait.

        Raises:
            OutboxTableMissingError: there is no table.
            DatabaseUnavailableError: the database does not answer.
            KafkaUnavailableError: no broker answers.
            EntriesUnconfirmedError: Kafka did not acknowledge in time; the entries are still in the table.
        """
        async with self._database.transaction():
            taken = await self._entries.take(self._settings.outbox.batch_entries)
            if not taken.entries:
                return False
            self._reached(RelayStep.TAKEN)
            batch = await self._published(taken.entries)
            self._reached(RelayStep.PUBLISHED)
            await self._entries.delete([entry.position for entry in batch.publishable])
            if batch.refusals:
                await self._entries.refuse(batch.refusals)
            self._reached(RelayStep.REMOVED)
        self._reached(RelayStep.COMMITTED)
        self._tell(taken.entries, batch)
        return taken.more

    async def _work(self) -> None:
        while not self._stopping.is_set():
            more = await self.relay_batch()
            self.ready = True
            await self._look()
            if not more:
                await self._pause()

    async def _published(self, entries: Sequence[Waiting]) -> Batch:
        limits = self._log.limits or self._settings.limits
        assessed = self._assessor.batch(entries, limits.max_submission_bytes)
        try:
            batch = await self._announcer.announced(assessed)
            self._reached(RelayStep.ANNOUNCED)
            await self._log.send([entry.record for entry in batch.publishable])
        except UnconfirmedError as error:
            raise EntriesUnconfirmedError(len(entries), error.reason) from error
        return batch

    def _tell(self, entries: Sequence[Waiting], batch: Batch) -> None:
        self._metrics.settled(len(batch.publishable), len(batch.refusals))
        jobs = {entry.position: entry.job_id for entry in entries}
        for position, reason in batch.refusals:
            logger.error("entry %d (job %s) is refused: %s", position, jobs[position], reason)

    async def _look(self) -> None:
        """Count what waits, now and then; without the figures the work goes on all the same."""
        if time.monotonic() < self._look_at:
            return
        try:
            self._metrics.seen(await self._entries.depth())
        except DatabaseUnavailableError as error:
            logger.warning("the outbox was not counted, its metrics stay as they were: %s", error)
        self._look_at = time.monotonic() + LOOK_SECONDS

    async def _pause(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self._settings.outbox.poll_interval_ms / MS):
                await self._stopping.wait()

    async def _finish(self, working: "asyncio.Task[None]") -> None:
        seconds = self._settings.outbox.shutdown_grace_ms / MS
        done, _ = await asyncio.wait((working,), timeout=seconds)
        if not done:
            raise RelayNotStoppedError(seconds)
        await working
