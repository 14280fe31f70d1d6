"""One line of the backlog: pending jobs of one type and queue, by priority and age."""

from heapq import heapify, heappush, nsmallest
from typing import NamedTuple

from joblog.lifecycle.partition.keys import ORDER_SIZE, after, position_of
from joblog.lifecycle.partition.working_set import WorkingSet
from joblog.lifecycle.states import Status
from joblog.schemas.state import JobRow


class Place(NamedTuple):
    """A place in a line: the backlog key, which sorts by priority and age, and the job."""

    key: bytes
    job_id: str

    @property
    def order(self) -> bytes:
        """What places of different lines sort by: priority, then age."""
        return self.key[-ORDER_SIZE:]

    def is_of(self, row: JobRow) -> bool:
        """Return whether a job still waits here; its place in line follows from its position."""
        return row.status == Status.PENDING and row.opening.position == position_of(self.key)


class First(NamedTuple):
    """The first pending job of a line, and what it is sorted by among the first of other lines."""

    order: bytes
    row: JobRow


class Line:
    """The head of a line; places beyond `bound` are in the index only (None: all are in memory)."""

    def __init__(self, prefix: bytes, bound: bytes | None) -> None:
        self.prefix = prefix
        self.head: list[Place] = []
        self.bound = bound

    def push(self, place: Place, size: int) -> None:
        """Take a place, unless it is beyond what is in memory; hold at most `size` of them."""
        if self.bound is not None and place.key > self.bound:
            return
        heappush(self.head, place)
        if len(self.head) > size:
            self.head = nsmallest(size // 2, self.head)
            self.bound = self.head[-1].key

    def refill(self, state: WorkingSet, size: int) -> None:
        """Read the next places from the index, half of `size`."""
        if self.bound is None:
            return
        found = state.scan(self.bound + b"\x00", after(self.prefix), size // 2)
        self.head = [Place(key, value.decode()) for key, value in found]
        heapify(self.head)
        self.bound = self.head[-1].key if len(found) == size // 2 else None
