"""The lines of one type, by the order of their first jobs, however many they are."""

from heapq import heapify, heappop, heappush
from typing import Final

SPARE: Final = 64

FIRST: Final = b""
"""Sorts before all orders: nothing is known yet of the line's first job."""


class Front:
    """A heap of lines; what is noted of a line is never later than its first job."""

    def __init__(self) -> None:
        """Begin without lines."""
        self._heap: list[tuple[bytes, str]] = []
        self._noted: dict[str, bytes] = {}

    def add(self, line: str, order: bytes) -> None:
        """A job entered a line, or a line is there of which nothing else is known."""
        noted = self._noted.get(line)
        if noted is None or order < noted:
            self.note(line, order)

    @property
    def is_empty(self) -> bool:
        """Whether there is no line."""
        return not self._noted

    def first(self) -> tuple[bytes, str] | None:
        """Return the line that is noted as the earliest, with what is noted of it."""
        heap = self._heap
        while heap and self._noted.get(heap[0][1]) != heap[0][0]:
            heappop(heap)
        return heap[0] if heap else None

    def note(self, line: str, order: bytes) -> None:
        """Note the order of a line's first job, in place of what was noted."""
        self._noted[line] = order
        heappush(self._heap, (order, line))
        if len(self._heap) > SPARE + 2 * len(self._noted):  # the rest is about former orders
            self._heap = [(order, line) for line, order in self._noted.items()]
            heapify(self._heap)

    def remove(self, line: str) -> None:
        """A line has no job any more."""
        self._noted.pop(line, None)
