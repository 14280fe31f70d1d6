"""The partitions that this process owns in one generation of the group."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Final, Protocol

from joblog.streams.abc import PartitionOwner
from joblog.streams.faust_app.batch import Batch
from joblog.streams.faust_app.fail_stop import FailStop
from joblog.streams.faust_app.ledger import Ledger
from joblog.streams.faust_app.partition import PartitionTask
from joblog.streams.faust_app.rounds import Rounds
from joblog.streams.settings import SchedulerSettings

WAITING_BYTES: Final = 16 * 1024 * 1024
"""Values of a partition that may wait for its owner; above it, fetching pauses until half is done."""

logger = logging.getLogger(__name__)


class Acknowledge(Protocol):
    """Tells that all records of a partition up to and including an offset are durable.

    What comes after the generation has ended changes nothing.
    """

    def __call__(self, partition: int, offset: int) -> None:
        """Raise AcknowledgementError for a record that was not delivered."""
        ...


OwnerFactory = Callable[[Acknowledge], PartitionOwner]
"""Makes the owner of one generation's partitions; what it has to share comes from outside."""


class Source(Protocol):
    """Where batches come from."""

    async def begin(self, generation: int, partition: int, position: int) -> None:
        """Start fetching a partition at an offset."""
        ...

    def pause(self, generation: int, partition: int) -> None:
        """Fetch no more of a partition; what was fetched is still delivered."""
        ...

    def resume(self, generation: int, partition: int) -> None:
        """Fetch a paused partition again."""
        ...

    async def commit_in(self, generation: int, offsets: Mapping[int, int]) -> bool:
        """Commit offsets to the group; return False if the generation is over."""
        ...


class Assignment:
    """Opens the partitions of a generation at once, feeds them, and closes them together.

    Args:
        generation: generation of the group.
        partitions: partitions of the events topic.
        make_owner: makes the owner; it is new with each generation, and so is its `Acknowledge`.
        source: where batches come from.
        settings: limits.
        fail_stop: ends the process if the owner raises.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - its collaborators
        self,
        generation: int,
        partitions: Iterable[int],
        make_owner: OwnerFactory,
        source: Source,
        settings: SchedulerSettings,
        fail_stop: FailStop,
    ) -> None:
        self.generation = generation
        self.partitions = tuple(sorted(partitions))
        self._source = source
        self._fail_stop = fail_stop
        self._limit = settings.max_records_in_flight
        self._ledger = Ledger()
        self._paused: set[int] = set()
        self._begun: set[int] = set()
        self._committing = asyncio.Lock()
        self._closing: asyncio.Task[None] | None = None
        owner, rounds = make_owner(self.acknowledge), Rounds()
        self._tasks = {
            partition: PartitionTask(
                partition,
                owner,
                self._begin,
                self._regulate,
                settings.max_batch_records,
                rounds,
                fail_stop,
            )
            for partition in self.partitions
        }

    @property
    def ready(self) -> bool:
        """Whether all partitions are open and read."""
        return len(self._begun) == len(self.partitions)

    def deliver(self, batch: Batch) -> None:
        """Hand a batch on to its partition; one of another generation is dropped."""
        if batch.generation != self.generation or self._closing or self._fail_stop.failed:
            return
        with self._fail_stop.fatal("delivering records"):
            self._ledger.deliver(batch.partition, batch.follows, batch.records[-1].offset)
            self._tasks[batch.partition].put(batch)
            self._regulate(batch.partition)

    def acknowledge(self, partition: int, offset: int) -> None:
        """See `Acknowledge`."""
        if self._ledger.acknowledge(partition, offset):
            self._regulate(partition)
        else:
            logger.info(
                "generation %d is over: offset %d of partition %d is not acknowledged",
                self.generation,
                offset,
                partition,
            )

    async def commit(self) -> bool:
        """Commit what was acknowledged; return whether the group took anything.

        Nothing is committed once the process has failed, and nothing counts as committed that the
        group did not take.
        """
        async with self._committing:
            offsets = {} if self._fail_stop.failed else self._ledger.committable()
            if not offsets:
                return False
            with self._fail_stop.fatal("committing offsets"):
                done = await self._source.commit_in(self.generation, offsets)
            if done:
                self._ledger.committed(offsets)
            return done

    async def close(self) -> None:
        """Close all partitions at once; from then on nothing is delivered or acknowledged."""
        if self._closing is None:
            self._closing = asyncio.create_task(self._close(), name="close partitions")
        await asyncio.shield(self._closing)

    async def _close(self) -> None:
        await asyncio.gather(*(task.close() for task in self._tasks.values()))
        self._ledger.close()

    def _regulate(self, partition: int) -> None:
        in_flight, waiting = self._ledger.in_flight(partition), self._tasks[partition].waiting_bytes
        if partition in self._paused:
            if in_flight <= self._limit // 2 and waiting <= WAITING_BYTES // 2:
                self._paused.discard(partition)
                self._source.resume(self.generation, partition)
        elif in_flight >= self._limit or waiting >= WAITING_BYTES:
            self._paused.add(partition)
            self._source.pause(self.generation, partition)

    async def _begin(self, partition: int, position: int) -> None:
        self._ledger.begin(partition, position)
        await self._source.begin(self.generation, partition, position)
        self._begun.add(partition)
