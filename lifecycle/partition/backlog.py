"""The jobs that wait to be dispatched, in order, however many they are.

The head of each line is in memory; what does not fit stays in the index and is read when the head is used up.
"""

from collections import Counter
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from heapq import heappop
from typing import Final

from joblog.lifecycle.partition.front import FIRST, Front
from joblog.lifecycle.partition.keys import (
    BACKLOG,
    backlog_key,
    line_of,
    line_of_key,
    line_prefix,
    type_of_line,
)
from joblog.lifecycle.partition.line import First, Line, Place
from joblog.lifecycle.partition.scanning import chunks
from joblog.lifecycle.partition.view import StateView
from joblog.lifecycle.partition.working_set import WorkingSet
from joblog.schemas.state import JobRow

HEAD_SIZE: Final = 4_096


class Backlog:
    """All lines. A place is taken when its job is dispatched; one whose job left otherwise is passed over."""

    def __init__(
        self, state: WorkingSet, waiting: Mapping[str, int], head_size: int = HEAD_SIZE
    ) -> None:
        """Open the lines that have `waiting` jobs; their heads are read when needed."""
        self._state = state
        self._size = head_size
        self.waiting = dict(waiting)
        self._lines = {line: Line(line_prefix(line), line_prefix(line)) for line in waiting}
        self._fronts: dict[str, Front] = {}
        for line in waiting:
            self._front(type_of_line(line)).add(line, FIRST)

    @property
    def types(self) -> AbstractSet[str]:
        """The types that have pending jobs."""
        return self._fronts.keys()

    def enter(self, row: JobRow) -> None:
        """A job became pending."""
        line, key = line_of(row), backlog_key(row)
        self.waiting[line] = self.waiting.get(line, 0) + 1
        if line not in self._lines:
            self._lines[line] = Line(line_prefix(line), None)
        place = Place(key, row.opening.job_id)
        self._lines[line].push(place, self._size)
        self._front(row.opening.type).add(line, place.order)

    def leave(self, row: JobRow) -> None:
        """A job is no longer pending, for whatever reason."""
        line = line_of(row)
        self.waiting[line] -= 1
        if not self.waiting[line]:
            del self.waiting[line], self._lines[line]
            self._close(line, row.opening.type)

    def first_of_type(self, type_: str) -> First | None:
        """Return the first pending job of all lines of a type, without taking it."""
        front = self._fronts.get(type_)
        while front is not None and (noted := front.first()) is not None:
            order, line = noted
            first = self.first(line)
            if first is None:
                front.remove(line)
            elif first.order == order:
                return first
            else:
                front.note(line, first.order)
        return None

    def first(self, line: str) -> First | None:
        """Return the first pending job of a line, without taking it."""
        places = self._lines.get(line)
        if places is None:
            return None
        while True:
            if not places.head:
                places.refill(self._state, self._size)
            if not places.head:
                return None
            place = places.head[0]
            row = self._state.row(place.job_id)
            if row is not None and place.is_of(row):
                return First(place.order, row)
            heappop(places.head)

    def _front(self, type_: str) -> Front:
        front = self._fronts.get(type_)
        if front is None:
            front = self._fronts[type_] = Front()
        return front

    def _close(self, line: str, type_: str) -> None:
        front = self._fronts[type_]
        front.remove(line)
        if front.is_empty:
            del self._fronts[type_]


def waiting_in(committed: StateView, family: bytes = BACKLOG) -> dict[str, int]:
    """Count the pending jobs of a committed state, or those of another family, by line."""
    waiting: Counter[str] = Counter()
    for entries in chunks(committed, family):
        waiting.update(line_of_key(key) for key, _ in entries)
    return waiting
