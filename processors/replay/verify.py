"""Proves that the live tables follow from joblog.events alone."""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Final, NamedTuple

from joblog.lifecycle.partition.keys import JOB, job_key
from joblog.processors.replay.compare import Difference, differences
from joblog.processors.replay.live import live_partition
from joblog.processors.replay.rebuild import Rebuild
from joblog.processors.replay.rows import entries, position_of
from joblog.schemas.state import JobRow
from joblog.streams.settings import Settings
from joblog.streams.store import state_digest
from joblog.streams.store.local import LocalDatabase

ATTEMPTS: Final = 3
"""A running scheduler may commit between the reads of its two changelog topics; then it is read again."""


class PartitionProof(NamedTuple):
    """How a partition compares.

    Attributes:
        partition: the partition.
        offset: position of both states.
        jobs: rows of jobs.
        live: hash of the live tables, hex.
        replayed: hash of the replayed tables, hex.
        differences: the first differences; none where the hashes are equal.
    """

    partition: int
    offset: int
    jobs: int
    live: str
    replayed: str
    differences: list[Difference]

    @property
    def holds(self) -> bool:
        """Whether both states are equal."""
        return self.live == self.replayed


class Verification:
    """Compares all partitions, each at the position of its live tables.

    Args:
        settings: where Kafka is.
        directory: an empty directory.
        rebuild: folds the log.
        clock: ms since the Unix epoch, for the changelog's age; decisions never see it.
        plant: a job whose row is changed in the copy of the live tables, to see that it is found.

    Attributes:
        planted: whether the job to plant a change in was there.
    """

    def __init__(
        self,
        settings: Settings,
        directory: Path,
        rebuild: Rebuild,
        clock: Callable[[], int],
        plant: str | None = None,
    ) -> None:
        self._plant = plant
        self.planted = False
        self._settings = settings
        self._directory = directory
        self._rebuild = rebuild
        self._clock = clock

    async def partition(self, number: int) -> PartitionProof:
        """Compare a partition."""
        proof = await self._compare(number, 0)
        for attempt in range(1, ATTEMPTS):
            if proof.holds:
                break
            proof = await self._compare(number, attempt)
        return proof

    async def _compare(self, number: int, attempt: int) -> PartitionProof:
        with ExitStack() as stack:
            directory = self._directory / f"live-{number}-{attempt}"
            live = await live_partition(self._settings, number, directory, self._clock())
            stack.callback(live.close)
            self._plant_in(live)
            offset = position_of(live)
            replayed = await self._rebuild.up_to(number, offset, attempt)
            stack.callback(replayed.close)
            jobs = sum(1 for _ in entries(live, JOB))
            one, other = state_digest(live), state_digest(replayed)
            found = [] if one == other else differences(live, replayed)
            return PartitionProof(number, offset, jobs, one.hex(), other.hex(), found)

    def _plant_in(self, live: LocalDatabase) -> None:
        if self._plant is None or (value := live.get(job_key(self._plant))) is None:
            return
        self.planted = True
        row = JobRow.decode(value)
        changed = row._replace(updated_at=row.updated_at + 1)
        live.write([(job_key(self._plant), changed.encode())])
