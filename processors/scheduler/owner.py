"""The partitions that this process schedules, each on its own."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress

from joblog.processors.scheduler.partition import PartitionScheduler, Shared
from joblog.streams.records import Inbound
from joblog.streams.store import PartitionStore

LEAST_TEND_INTERVAL = 0.05
"""Seconds between two looks at what is due in a partition by the clock: commits, ticks, announcements."""

TEND_INTERVAL_PER_PARTITION = 0.005
"""With many partitions that time is so long for each of them: a look costs 0.1 ms, also where nothing is due."""


def tend_interval(partitions: int) -> float:
    """Return the seconds between two looks at a partition of a process that owns so many."""
    return max(LEAST_TEND_INTERVAL, TEND_INTERVAL_PER_PARTITION * partitions)


class Scheduler:
    """A PartitionOwner: opens partitions, folds their records, tends them, and gives them up."""

    def __init__(
        self,
        make_store: Callable[[int], PartitionStore],
        shared: Shared,
        fail: Callable[[str, BaseException], None],
    ) -> None:
        """Take a factory of stores by partition; `fail` ends the process."""
        self._make_store = make_store
        self._shared = shared
        self._fail = fail
        self._open: dict[int, PartitionScheduler] = {}
        self._tending: dict[int, _Tending] = {}

    @property
    def partitions(self) -> Iterable[PartitionScheduler]:
        """The open partitions."""
        return self._open.values()

    def partition(self, number: int) -> PartitionScheduler | None:
        """Return an open partition, None where this process has it not."""
        return self._open.get(number)

    async def open(self, partition: int) -> int:
        """Fence the former owner, recover, and return the offset to fold next."""
        opened = PartitionScheduler(partition, self._make_store(partition), self._shared)
        try:
            position = await opened.open()
        except BaseException:  # cancelled as well: the partition may be taken away during recovery
            await opened.close()
            raise
        self._open[partition] = opened
        self._shared.pacing.partitions_owned = len(self._open)
        self._tending[partition] = _Tending(
            opened, lambda: tend_interval(len(self._open)), self._fail
        )
        return position

    async def process(self, partition: int, records: Sequence[Inbound]) -> None:
        """Fold records and publish what follows."""
        await self._open[partition].process(records)

    async def close(self, partition: int) -> None:
        """Commit what was decided, if that is still possible, and give the partition up."""
        closing = self._open.pop(partition, None)
        if closing is None:
            return
        await self._tending.pop(partition).stop()
        await closing.finish()
        self._shared.pacing.partitions_owned = max(1, len(self._open))


class _Tending:
    """Tends a partition in the background. It is never cancelled, or a commit could be cut in two."""

    def __init__(
        self,
        partition: PartitionScheduler,
        interval: Callable[[], float],
        fail: Callable[[str, BaseException], None],
    ) -> None:
        self._partition = partition
        self._interval = interval
        self._fail = fail
        self._stopping = asyncio.Event()
        self._task = asyncio.create_task(self._run(), name=f"tend partition {partition.partition}")

    async def stop(self) -> None:
        """End after what is under way."""
        self._stopping.set()
        await self._task

    async def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                with suppress(TimeoutError):  # no `wait_for`, which makes a task each time
                    async with asyncio.timeout(self._interval()):
                        await self._stopping.wait()
                await self._partition.tend()
        except Exception as error:  # noqa: BLE001  # whatever it is, the process must end
            self._fail(f"tending partition {self._partition.partition}", error)
