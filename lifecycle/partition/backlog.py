"""The jobs that wait to be dispatched, in order, however many they are.

The head of each line is in memory; what does not fit stays in the index and is read when the head is used up.
"""

from collections.abc import Mapping
from heapq import heapify, heappop, heappush, nsmallest
from typing import Final, NamedTuple

from joblog.lifecycle.partition.keys import after, backlog_key, line_of, line_prefix
from joblog.lifecycle.partition.working_set import WorkingSet
from joblog.lifecycle.states import Status
from joblog.schemas.state import JobRow

HEAD_SIZE: Final = 4_096


class Place(NamedTuple):
    """A place in a line: the backlog key, which sorts by priority and age, and the job."""

    key: bytes
    job_id: str


class _Line:
    """The head of a line; places beyond `bound` are in the index only (None: all are in memory)."""

    def __init__(self, prefix: bytes, bound: bytes | None) -> None:
        self.prefix = prefix
        self.head: list[Place] = []
        self.bound = bound

    def push(self, place: Place, size: int) -> None:
        if self.bound is not None and place.key > self.bound:
            return
        heappush(self.head, place)
        if len(self.head) > size:
            self.head = nsmallest(size // 2, self.head)
            self.bound = self.head[-1].key

    def refill(self, state: WorkingSet, size: int) -> None:
        if self.bound is None:
            return
        found = state.scan(self.bound + b"\x00", after(self.prefix), size // 2)
        self.head = [Place(key, value.decode()) for key, value in found]
        heapify(self.head)
        self.bound = self.head[-1].key if len(found) == size // 2 else None


class Backlog:
    """All lines. A place is taken when its job is dispatched; one whose job left otherwise is passed over."""

    def __init__(
        self, state: WorkingSet, waiting: Mapping[str, int], head_size: int = HEAD_SIZE
    ) -> None:
        """Open the lines that have `waiting` jobs; their heads are read when needed."""
        self._state = state
        self._size = head_size
        self.waiting = dict(waiting)
        self._lines = {line: _Line(line_prefix(line), line_prefix(line)) for line in waiting}

    def enter(self, row: JobRow) -> None:
        """A job became pending."""
        line = line_of(row)
        self.waiting[line] = self.waiting.get(line, 0) + 1
        if line not in self._lines:
            self._lines[line] = _Line(line_prefix(line), None)
        self._lines[line].push(Place(backlog_key(row), row.job_id), self._size)

    def leave(self, row: JobRow) -> None:
        """A job is no longer pending, for whatever reason."""
        line = line_of(row)
        self.waiting[line] -= 1
        if not self.waiting[line]:
            del self.waiting[line], self._lines[line]

    def first(self, line: str) -> JobRow | None:
        """Return the first pending job of a line, without taking it."""
        places = self._lines.get(line)
        if places is None:
            return None
        while True:
            if not places.head:
                places.refill(self._state, self._size)
            if not places.head:
                return None
            row = self._state.row(places.head[0].job_id)
            if (
                row is not None
                and row.status == Status.PENDING
                and backlog_key(row) == places.head[0].key
            ):
                return row
            heappop(places.head)
