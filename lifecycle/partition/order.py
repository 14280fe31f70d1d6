"""Whose turn it is among the jobs of an ordering key: that of the first in the log which is not done with.

A place in the order is a job's position in the log: later submissions come behind all that are there, and a job
that is redriven keeps its place. Where its dead letter was discarded it has none any more, and comes behind all as
well.
"""

from heapq import heappop
from typing import Final

from joblog.lifecycle.partition.keys import order_of, place_in_order
from joblog.lifecycle.partition.line import Line, Place
from joblog.lifecycle.partition.working_set import WorkingSet
from joblog.lifecycle.states import Status
from joblog.schemas.state import JobRow

KEYS_AT_HAND: Final = 1_024
"""Ordering keys whose first places are in memory; those of all others are in the index."""

HEAD_SIZE: Final = 256


class Order:
    """The places of all ordering keys, however many keys and jobs there are."""

    def __init__(
        self, state: WorkingSet, keys: int = KEYS_AT_HAND, head_size: int = HEAD_SIZE
    ) -> None:
        """Read places from the index when they are needed; keep those of so many keys, so many each."""
        self._state = state
        self._keys = keys
        self._size = head_size
        self._lines: dict[bytes, Line] = {}

    def first(self, row: JobRow) -> JobRow | None:
        """Return the first job of a job's ordering key that is not done with, None where there is none."""
        line = self._line(order_of(row))
        while True:
            if not line.head:
                line.refill(self._state, self._size)
            if not line.head:
                return None
            place = line.head[0]
            found = self._state.row(place.job_id)
            if found is not None and place_in_order(found) == place.key:
                return found
            heappop(line.head)

    def has_turn(self, row: JobRow) -> bool:
        """Return whether a job has to wait for no other one; it may be new."""
        if row.opening.ordering_key is None:
            return True
        first = self.first(row)
        return first is None or first.opening.position >= row.opening.position

    def in_turn(self, row: JobRow) -> JobRow:
        """Return a row that could be dispatched as blocked, unless it is its job's turn."""
        if row.status != Status.PENDING or self.has_turn(row):
            return row
        return row.changed(status=Status.BLOCKED)

    def moved(self, before: JobRow | None, after: JobRow) -> JobRow | None:
        """A row changed; return that of the job which has its turn now, if it was blocked."""
        old, new = None if before is None else place_in_order(before), place_in_order(after)
        if new is not None and new != old:
            line = self._lines.get(order_of(after))
            if line is not None:
                line.push(Place(new, after.opening.job_id), self._size)
        if old is None or old == new:
            return None
        first = self.first(after)
        return first if first is not None and first.status == Status.BLOCKED else None

    def _line(self, order: bytes) -> Line:
        """Return the places of an ordering key, those that are at hand; the key used last goes last."""
        line = self._lines.pop(order, None) or Line(order, order)
        self._lines[order] = line
        if len(self._lines) > self._keys:
            del self._lines[next(iter(self._lines))]
        return line
