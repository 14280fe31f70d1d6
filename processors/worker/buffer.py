"""Attempts that wait for a free place to run in."""

import sys
from collections.abc import Callable, Iterable
from collections.abc import Set as AbstractSet
from heapq import heapify, heappop, heappush
from itertools import count
from typing import Final

from joblog.processors.worker.attempt import Attempt
from joblog.processors.worker.handlers import RunIn

MOST_BYTES: Final = 32 * 1024 * 1024
"""Bytes of dispatches in memory at which reading stops."""

_Waiting = tuple[int, int, Attempt]


class PriorityBuffer:
    """Hands out attempts by priority, then in the order in which they came.

    Args:
        most_records: attempts at which it is full. Defaults to no limit.
        most_bytes: bytes of dispatches at which it is full. Defaults to 32 MiB.

    Attributes:
        held: attempts that are somewhere else, but count as if they were in here.
    """

    def __init__(self, most_records: int = sys.maxsize, most_bytes: int = MOST_BYTES) -> None:
        self.held = 0
        self._most_records = most_records
        self._most_bytes = most_bytes
        self._heaps: dict[RunIn, list[_Waiting]] = {}
        self._arrivals = count()
        self._records = 0
        self._bytes = 0

    def __len__(self) -> int:
        return self._records

    @property
    def room(self) -> int:
        """How many more records are to be read."""
        if self._bytes >= self._most_bytes:
            return 0
        return max(0, self._most_records - self._records - self.held)

    def push(self, attempt: Attempt) -> None:
        """Take in an attempt."""
        heap = self._heaps.setdefault(attempt.run_in, [])
        heappush(heap, (-attempt.priority, next(self._arrivals), attempt))
        self._records += 1
        self._bytes += attempt.origin.size

    def first_priority(self, places: Iterable[RunIn] | None = None) -> int | None:
        """Return the highest priority of the attempts that run in one of these places, None if there is none.

        Args:
            places: where they run. Defaults to anywhere.
        """
        chosen = self._heaps if places is None else places
        heads = [_head(heap)[0] for place in chosen if (heap := self._heaps.get(place))]
        return -min(heads) if heads else None

    def pop(self, places: Iterable[RunIn]) -> Attempt | None:
        """Hand out the first of the attempts that run in one of these places, None if there is none."""
        heaps = [heap for place in places if (heap := self._heaps.get(place))]
        if not heaps:
            return None
        attempt = heappop(min(heaps, key=_head))[2]
        self._records -= 1
        self._bytes -= attempt.origin.size
        return attempt

    def drop(self, unwanted: Callable[[Attempt], bool]) -> list[Attempt]:
        """Forget attempts, and return them."""
        waiting = [entry[2] for heap in self._heaps.values() for entry in heap]
        dropped = [attempt for attempt in waiting if unwanted(attempt)]
        if dropped:
            self._forget(set(dropped))
        return dropped

    def _forget(self, dropped: AbstractSet[Attempt]) -> None:
        for place, heap in self._heaps.items():
            kept = [entry for entry in heap if entry[2] not in dropped]
            heapify(kept)
            self._heaps[place] = kept
        self._records -= len(dropped)
        self._bytes -= sum(attempt.origin.size for attempt in dropped)


def _head(heap: list[_Waiting]) -> tuple[int, int]:
    priority, arrival, _ = heap[0]
    return priority, arrival
