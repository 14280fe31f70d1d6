"""One partition's cycle: fold, publish, commit, acknowledge."""

import asyncio
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice

from joblog.lifecycle.partition.fold import Folded, PartitionFold
from joblog.lifecycle.partition.working_set import Change
from joblog.processors.scheduler.breaker import Breaker
from joblog.processors.scheduler.bulletin import Bulletin
from joblog.processors.scheduler.errors import OutputsUncertainError
from joblog.processors.scheduler.observer import SchedulerObserver, Unobserved
from joblog.processors.scheduler.outbound import Addresses
from joblog.processors.scheduler.pacing import CommitPacing
from joblog.processors.scheduler.watches import Watches
from joblog.schemas.models import Event, Tick, TopicsAnnounced
from joblog.schemas.state import JobRow
from joblog.streams.abc import Publisher
from joblog.streams.records import Inbound
from joblog.streams.store import PartitionStore

TICK_INTERVAL_MS = 100
"""Least time between two ticks: one that comes early by log time must not be followed by a flood."""

RECORDS_A_TURN = 250
"""Records folded without a pause, so that other partitions get their turn."""

ROWS_A_TURN = 250
"""Rows encoded for a commit without a pause, for the same reason."""

REMINDER_INTERVAL_MS = 60_000

STOPPED = (
    "partition %d has stopped after offset %d: %s. Nothing is lost, what follows waits in the log. See joblog dlq "
    "list; mend who writes or reads these records, or allow more by the settings scheduler.poison_run and "
    "scheduler.poison_share, and start this scheduler again"
)

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Shared:
    """What all partitions of a scheduler share.

    Attributes:
        log_id: id of the log that is read; state of another log is refused.
        publisher: sends outputs.
        addresses: knows the topics.
        bulletin: what is declared for the whole log.
        pacing: when the state is committed.
        make_breaker: makes what says that a partition is to stop.
        clock: ms since the Unix epoch; it only paces, it decides nothing.
        acknowledge: takes (partition, offset): all up to the offset is durable.
        observer: watches.
    """

    log_id: str
    publisher: Publisher
    addresses: Addresses
    bulletin: Bulletin
    pacing: CommitPacing
    make_breaker: Callable[[], Breaker]
    clock: Callable[[], int]
    acknowledge: Callable[[int, int], None]
    observer: SchedulerObserver = field(default_factory=Unobserved)


class PartitionScheduler:
    """Schedules the jobs of one partition while this process owns it.

    Invariant 2: outputs are acknowledged, then the changelog and the local store are committed, then the
    input is acknowledged. A commit runs beside the next cycles; it holds what was decided when it began.
    After a failure to fold or publish nothing is folded or committed any more, only closed.

    A partition that is stopped (see `Breaker`) folds nothing more either, but commits what it has decided: what
    follows is read again by whoever takes it over next.

    Attributes:
        partition: its number.
        watches: who waits for something in it.
        stopped: why it has stopped; None while it goes on.
    """

    def __init__(self, partition: int, store: PartitionStore, shared: Shared) -> None:
        """Take the partition's own store, and what all partitions of the process share."""
        self.partition = partition
        self.watches = Watches()
        self.stopped: str | None = None
        self._breaker = shared.make_breaker()
        self._reminder_at = 0
        self._store = store
        self._shared = shared
        self._fold: PartitionFold | None = None
        self._changed_at: int | None = None
        self._failure: BaseException | None = None
        self._next_tick_at = 0
        self._looked_at = (-1, -1)
        self._at_rest = asyncio.Lock()
        self._committing = asyncio.Lock()

    @property
    def fold(self) -> PartitionFold:
        """The fold of an open partition."""
        if self._fold is None:
            raise RuntimeError(f"partition {self.partition} is not open: await open() first")
        return self._fold

    async def open(self) -> int:
        """Fence the former owner, recover, and return the offset to fold next."""
        begun = self._shared.clock()
        await self._store.open()
        self._fold = PartitionFold(self._shared.addresses.events_topic, self.partition, self._store)
        self._fold.knowledge.check_log(self._shared.log_id)
        self._shared.observer.opened(self.partition, (self._shared.clock() - begun) / 1_000)
        return self._fold.offset + 1

    async def process(self, records: Sequence[Inbound]) -> None:
        """Fold records, and publish what they lead to.

        Raises:
            OutputsUncertainError: it has failed before; nothing was folded.
            PublishError: not all outputs were acknowledged.
        """
        async with self._at_rest:
            self._check()
            if self.stopped is not None:
                return
            with self._failure_forbids_commits():
                await self._cycle(records)
        if self.fold.changed_rows >= self._shared.pacing.most_rows:
            await self.commit()

    async def commit(self) -> None:
        """Commit all that was decided, then acknowledge it.

        Raises:
            OutputsUncertainError: folding or publishing has failed, or was cancelled; nothing was committed.
            StoreError: the commit failed.
        """
        async with self._committing:
            async with self._at_rest:
                self._check()
                frozen = self.fold.freeze()
                offset = self.fold.offset
                self._changed_at = None
            begun = self._shared.clock()
            changes = await _taken_in_turns(frozen)
            await self._store.commit(changes)
            self.fold.thaw()
            self._shared.observer.committed(
                self.partition, len(changes), (self._shared.clock() - begun) / 1_000
            )
            self._shared.acknowledge(self.partition, offset)

    async def tend(self) -> None:
        """Do what is due by the clock; called every few dozen ms while the partition is open."""
        if self._is_due():
            await self.commit()
        if self.stopped is not None:
            self._remind(self.stopped)
            return
        await self._tick_if_due()
        await self._announce()

    async def finish(self) -> None:
        """Commit what was decided, and give the partition up.

        Raises:
            OutputsUncertainError: see `commit`; the partition was not given up.
            StoreError: the commit failed; the partition was not given up.
        """
        self._check()
        if self._fold is not None and self._changed_at is not None:
            await self.commit()
        await self.close()

    async def close(self) -> None:
        """Give the partition up; what is not committed will be decided again, to the same bytes."""
        self.watches.close()
        await self._store.close()

    def row(self, job_id: str) -> JobRow | None:
        """Return a job's row as decided so far."""
        return self.fold.row(job_id)

    async def _cycle(self, records: Sequence[Inbound]) -> None:
        cycle: list[Folded] = []
        for start in range(0, len(records), RECORDS_A_TURN):
            if start:
                await asyncio.sleep(0)
            self._fold_turn(records[start : start + RECORDS_A_TURN], cycle)
            if self.stopped is not None:
                break
        self._shared.observer.folded(self.partition, cycle)
        emissions = [emission for folded in cycle for emission in folded.emissions]
        if emissions:
            await self._shared.publisher.publish(
                [self._shared.addresses.outbound(e) for e in emissions]
            )
        else:
            await asyncio.sleep(0)  # nothing else here lets others have their turn
        if self._changed_at is None:
            self._changed_at = self._shared.clock()
        self.watches.wake(self.fold)

    def _fold_turn(self, records: Sequence[Inbound], cycle: list[Folded]) -> None:
        """Fold records, up to the one after which the partition stops."""
        apply, take = self.fold.apply, self._breaker.take
        for record in records:
            folded = apply(record)
            cycle.append(folded)
            self.stopped = take(folded)
            if self.stopped is not None:
                return

    def _remind(self, reason: str) -> None:
        """Say from time to time why nothing happens here."""
        now = self._shared.clock()
        if now >= self._reminder_at:
            self._reminder_at = now + REMINDER_INTERVAL_MS
            logger.critical(STOPPED, self.partition, self.fold.offset, reason)

    async def _tick_if_due(self) -> None:
        now = self._shared.clock()
        if now < self._next_tick_at or not self.fold.is_due(now):
            return
        self._next_tick_at = now + TICK_INTERVAL_MS
        await self._append([Tick(event_id=f"tick-{self.partition}-{now}", time=now)])

    async def _announce(self) -> None:
        bulletin = self._shared.bulletin
        newest = (bulletin.version, self.fold.offset)
        if newest != self._looked_at:  # else nothing was declared or folded since
            self._looked_at = newest
            news = bulletin.news_for(self.partition, self.fold.knowledge)
            self._tell_of_lost_topics(news)
            await self._append(news)

    def _tell_of_lost_topics(self, news: Sequence[Event]) -> None:
        for event in news:
            others = self.fold.knowledge.others(event) if isinstance(event, TopicsAnnounced) else ()
            for topic in others:
                self._shared.observer.lost(self.partition, topic)
                logger.error(
                    "partition %d: %s is not the topic that it was; what stood there is put out again",
                    self.partition,
                    topic,
                )

    async def _append(self, events: Sequence[Event]) -> None:
        if events:
            records = [self._shared.addresses.appended(event, self.partition) for event in events]
            with self._failure_forbids_commits():
                await self._shared.publisher.publish(records)

    @contextmanager
    def _failure_forbids_commits(self) -> Iterator[None]:
        """Remember any failure of the body; a cancellation too, for nobody knows what was written."""
        try:
            yield
        except BaseException as failure:
            self._failure = self._failure or failure
            raise

    def _check(self) -> None:
        if self._failure is not None:
            raise OutputsUncertainError(self.partition, repr(self._failure)) from self._failure

    def _is_due(self) -> bool:
        if self._changed_at is None:
            return False
        return self._shared.pacing.is_due(
            self.fold.changed_rows, self._shared.clock() - self._changed_at
        )


async def _taken_in_turns(frozen: Iterator[Change]) -> list[Change]:
    """Return all changes; encoding thousands of rows at once would hold up all other partitions."""
    changes: list[Change] = []
    while turn := list(islice(frozen, ROWS_A_TURN)):
        changes += turn
        await asyncio.sleep(0)
    return changes
