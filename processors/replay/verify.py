"""Proves that the live tables follow from joblog.events alone."""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Final, NamedTuple

from joblog.lifecycle.partition.keys import JOB, POSITION, after
from joblog.lifecycle.partition.view import StateView
from joblog.processors.replay.compare import CHUNK, Difference, differences
from joblog.processors.replay.live import live_partition
from joblog.processors.replay.rebuild import Rebuild
from joblog.schemas.state import LogPosition
from joblog.streams.settings import Settings
from joblog.streams.store import state_digest

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
    """

    def __init__(
        self, settings: Settings, directory: Path, rebuild: Rebuild, clock: Callable[[], int]
    ) -> None:
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
            offset = position_of(live)
            replayed = await self._rebuild.partition(number, offset, attempt)
            stack.callback(replayed.close)
            one, other = state_digest(live), state_digest(replayed)
            found = [] if one == other else differences(live, replayed)
            return PartitionProof(number, offset, count_jobs(live), one.hex(), other.hex(), found)


def position_of(view: StateView) -> int:
    """Return the offset of the last record folded into a state."""
    value = view.get(POSITION)
    return -1 if value is None else LogPosition.decode(value).offset


def count_jobs(view: StateView) -> int:
    """Return how many rows of jobs a state has."""
    count, start = 0, JOB
    while chunk := view.scan(start, after(JOB), CHUNK):
        count += len(chunk)
        start = chunk[-1][0] + b"\x00"
    return count
