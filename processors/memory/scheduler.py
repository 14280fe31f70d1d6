"""The scheduler over a log in memory: the same partitions, stepped instead of polled."""

from joblog.lifecycle.partition.fold import PartitionFold
from joblog.lifecycle.partition.view import StateView
from joblog.processors.scheduler.partition import TICK_INTERVAL_MS, PartitionScheduler, Shared
from joblog.schemas.state import JobRow
from joblog.streams.memory.log import MemoryLog
from joblog.streams.memory.store import MemoryChangelog, MemoryStore
from joblog.streams.store import STATE


class MemoryScheduler:
    """Schedules all partitions of a log in memory.

    What it commits is kept, so that it can be opened again after it was closed or crashed.

    Args:
        log: the log.
        partitions: partition count of the events topic.
        shared: what the partitions share.
    """

    def __init__(self, log: MemoryLog, partitions: int, shared: Shared) -> None:
        self._log = log
        self._shared = shared
        self._changelogs = [MemoryChangelog(partition) for partition in range(partitions)]
        self._stores: dict[int, MemoryStore] = {}
        self._open: dict[int, PartitionScheduler] = {}
        self._next: dict[int, int] = {}

    async def open(self) -> None:
        """Take over all partitions, each from its last commit."""
        for partition, changelog in enumerate(self._changelogs):
            self._stores[partition] = MemoryStore(changelog, STATE)
            scheduler = PartitionScheduler(partition, self._stores[partition], self._shared)
            self._next[partition] = await scheduler.open()
            self._open[partition] = scheduler
        self._shared.pacing.partitions_owned = len(self._open)

    async def close(self) -> None:
        """Commit what was decided, and give all partitions up."""
        for partition in list(self._open):
            await self._open.pop(partition).finish()

    async def crash(self) -> None:
        """Give all partitions up and commit nothing; what was decided is decided again."""
        for partition in list(self._open):
            await self._open.pop(partition).close()

    async def step(self) -> bool:
        """Fold what is new and do what is due; return whether there was anything to fold."""
        folded = False
        for partition, scheduler in self._open.items():
            records = self._log.read(
                self._shared.addresses.events_topic, partition, self._next[partition]
            )
            if records:
                await scheduler.process(records)
                self._next[partition] = records[-1].offset + 1
                folded = True
            await scheduler.tend()
        return folded

    def next_at(self) -> int | None:
        """Return when a tick is due next, in ms; None where none is."""
        now = self._shared.clock()
        wakes = (scheduler.fold.next_wake() for scheduler in self._open.values())
        return min(
            (wake if wake > now else now + TICK_INTERVAL_MS for wake in wakes if wake is not None),
            default=None,
        )

    def fold(self, partition: int) -> PartitionFold:
        """Return the fold of an open partition."""
        return self._open[partition].fold

    def committed(self, partition: int) -> StateView:
        """Return the committed state of a partition."""
        return self._stores[partition]

    def row(self, job_id: str, partition: int) -> JobRow | None:
        """Return a job's row as decided so far."""
        return self._open[partition].row(job_id)
