"""What the scheduler tells those who watch it."""

from collections.abc import Sequence
from typing import Protocol

from joblog.lifecycle.partition.fold import Folded


class SchedulerObserver(Protocol):
    """Watches the scheduler; it must neither raise nor block."""

    def folded(self, partition: int, cycle: Sequence[Folded]) -> None:
        """Records were decided, one after the other."""

    def committed(self, partition: int, rows: int, seconds: float) -> None:
        """Changes of so many entries were committed."""

    def opened(self, partition: int, seconds: float) -> None:
        """A partition was taken over: fenced and recovered."""

    def lost(self, partition: int, topic: str) -> None:
        """A work or delay topic is another one: what a partition had put there is put out again."""


class Unobserved:
    """Nobody watches."""

    def folded(self, partition: int, cycle: Sequence[Folded]) -> None:
        """Do nothing."""

    def committed(self, partition: int, rows: int, seconds: float) -> None:
        """Do nothing."""

    def opened(self, partition: int, seconds: float) -> None:
        """Do nothing."""

    def lost(self, partition: int, topic: str) -> None:
        """Do nothing."""
