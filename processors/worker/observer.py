"""What a worker tells those who watch it."""

from typing import Protocol


class WorkerObserver(Protocol):
    """Watches a worker, in its event loop; it must neither raise nor block."""

    def attempt_began(self, type_: str) -> None:
        """A handler is being called."""

    def attempt_ended(self, type_: str, outcome: str, seconds: float) -> None:
        """An attempt that began has ended: `succeeded`, `cancelled`, `released`, or by a failure's kind."""

    def attempt_not_begun(self, type_: str, outcome: str) -> None:
        """An attempt ended so before its handler was called."""

    def attempt_lost(self, type_: str) -> None:
        """An attempt was reported as lost by a worker that is gone."""

    def dispatch_repeated(self) -> None:
        """A dispatch came again and was dropped."""

    def dead_lettered(self, reason: str) -> None:
        """A record of a work topic was put on the dead-letter topic."""

    def claimed(self, attempts: int, seconds: float) -> None:
        """Claims of so many attempts were committed, in that time."""

    def buffered(self, lane: str, attempts: int) -> None:
        """So many attempts of a lane wait in memory."""

    def assigned(self, lane: str, partitions: int) -> None:
        """The worker now holds so many partitions of a lane."""


class Unobserved:
    """Nobody watches."""

    def attempt_began(self, type_: str) -> None:
        """Do nothing."""

    def attempt_ended(self, type_: str, outcome: str, seconds: float) -> None:
        """Do nothing."""

    def attempt_not_begun(self, type_: str, outcome: str) -> None:
        """Do nothing."""

    def attempt_lost(self, type_: str) -> None:
        """Do nothing."""

    def dispatch_repeated(self) -> None:
        """Do nothing."""

    def dead_lettered(self, reason: str) -> None:
        """Do nothing."""

    def claimed(self, attempts: int, seconds: float) -> None:
        """Do nothing."""

    def buffered(self, lane: str, attempts: int) -> None:
        """Do nothing."""

    def assigned(self, lane: str, partitions: int) -> None:
        """Do nothing."""
