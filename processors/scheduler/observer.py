"""What the scheduler tells those who watch it."""

from typing import Protocol

from joblog.lifecycle.partition.fold import Folded
from joblog.lifecycle.records import Inbound


class SchedulerObserver(Protocol):
    """Watches the scheduler; it must neither raise nor block."""

    def folded(self, partition: int, record: Inbound, folded: Folded) -> None:
        """A record was decided."""

    def committed(self, partition: int, rows: int, seconds: float) -> None:
        """Changes of so many entries were committed."""

    def opened(self, partition: int, seconds: float) -> None:
        """A partition was taken over: fenced and recovered."""

    def closed(self, partition: int) -> None:
        """A partition was given up."""


class Unobserved:
    """Nobody watches."""

    def folded(self, partition: int, record: Inbound, folded: Folded) -> None:
        """Do nothing."""

    def committed(self, partition: int, rows: int, seconds: float) -> None:
        """Do nothing."""

    def opened(self, partition: int, seconds: float) -> None:
        """Do nothing."""

    def closed(self, partition: int) -> None:
        """Do nothing."""
