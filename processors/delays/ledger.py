"""Offsets of one partition of a delay topic: read, done, and below which all is done."""

from collections import deque


class Ledger:
    """Says what may be committed: the offset below which every record that was read is done.

    Records are done in any order, since each has its own due time.
    """

    def __init__(self) -> None:
        self._undone: deque[int] = deque()
        self._done: set[int] = set()
        self._next: int | None = None
        self._committed: int | None = None

    @property
    def span(self) -> int:
        """How many records were read, from the first that is not done on."""
        return len(self._undone)

    @property
    def committable(self) -> int | None:
        """The offset to commit; None where nothing was done since the last commit."""
        position = self._undone[0] if self._undone else self._next
        return None if position == self._committed else position

    def read(self, offset: int) -> None:
        """Note that a record was read."""
        if self._next is None:
            self._committed = offset  # it is where the group goes on already
        self._undone.append(offset)
        self._next = offset + 1

    def done(self, offset: int) -> None:
        """Note that what follows from a record is acknowledged."""
        self._done.add(offset)
        while self._undone and self._undone[0] in self._done:
            self._done.remove(self._undone.popleft())

    def committed(self, offset: int) -> None:
        """Note that the group holds an offset."""
        self._committed = offset
