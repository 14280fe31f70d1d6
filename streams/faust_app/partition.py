"""One partition from open to close."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

from joblog.streams.abc import PartitionOwner
from joblog.streams.faust_app.batch import Batch
from joblog.streams.faust_app.errors import PartitionEndedError
from joblog.streams.faust_app.fail_stop import FailStop
from joblog.streams.faust_app.rounds import Rounds
from joblog.streams.records import Inbound


class PartitionTask:
    """Opens a partition, then hands its records to the owner, one batch at a time.

    Each partition has a task, so a slow one holds up the others no longer than `Rounds` lets it. While the
    owner is at work, what arrives gathers: the busier it is, the larger its next batch.

    Args:
        partition: the partition.
        owner: who opens, folds and closes it.
        begin: awaited with the owner's position; from then on batches come.
        taken: called when the owner was given some of what waited.
        max_batch: most records that the owner is given at once.
        rounds: says when the owner is given some.
        fail_stop: ends the process if the owner raises.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - its collaborators
        self,
        partition: int,
        owner: PartitionOwner,
        begin: Callable[[int, int], Awaitable[None]],
        taken: Callable[[int], None],
        max_batch: int,
        rounds: Rounds,
        fail_stop: FailStop,
    ) -> None:
        self._partition = partition
        self._owner = owner
        self._begin = begin
        self._taken = taken
        self._max_batch = max_batch
        self._rounds = rounds
        self._fail_stop = fail_stop
        self._waiting: deque[Inbound] = deque()
        self._waiting_bytes = 0
        self._arrival = asyncio.Event()
        self._processing = False
        self._closing = False
        self._task = asyncio.create_task(self._run(), name=f"partition {partition}")
        self._task.add_done_callback(self._ended)

    @property
    def waiting_bytes(self) -> int:
        """Bytes of the values that wait for the owner."""
        return self._waiting_bytes

    def put(self, batch: Batch) -> None:
        """Take a batch that follows those taken before."""
        self._waiting.extend(batch.records)
        self._waiting_bytes += batch.size
        self._arrival.set()

    async def close(self) -> None:
        """Let the owner finish its present batch, drop what waits, and close.

        An owner that is still opening is cancelled: recovery may take long.
        """
        self._closing = True
        if not self._processing:
            self._task.cancel()
        await asyncio.wait([self._task])
        with self._fail_stop.fatal(f"closing partition {self._partition}"):
            await self._owner.close(self._partition)

    async def _run(self) -> None:
        position = await self._owner.open(self._partition)
        await self._begin(self._partition, position)
        while not (self._closing or self._fail_stop.failed):
            await self._arrival.wait()
            await self._rounds.begin()
            try:
                self._processing = True
                records = self._take()
                self._taken(self._partition)
                await self._owner.process(self._partition, records)
                self._processing = False
            finally:
                self._rounds.end()

    def _take(self) -> list[Inbound]:
        waiting = self._waiting
        records = [waiting.popleft() for _ in range(min(len(waiting), self._max_batch))]
        self._waiting_bytes -= sum(len(record.value) for record in records if record.value)
        if not waiting:
            self._arrival.clear()
        return records

    def _ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (reason := task.exception()):
            self._fail_stop.fail(f"partition {self._partition}", reason)
        elif not self._closing:
            self._fail_stop.fail(
                f"partition {self._partition}", PartitionEndedError(self._partition)
            )
