"""What the delay service tells those who watch it."""

from typing import Protocol

from joblog.lifecycle.delays import Tier
from joblog.lifecycle.reasons import Reason


class DelaysObserver(Protocol):
    """Watches the delay service; it must neither raise nor block."""

    def woke(self, lateness_ms: int) -> None:
        """The log has the wake-up of a job, so long after its due time by this machine's clock."""

    def hopped(self, tier: Tier) -> None:
        """The log has a record in the next tier, this one."""

    def dead_lettered(self, reason: Reason) -> None:
        """The log has the dead letter of a record."""

    def waiting(self, records: int) -> None:
        """So many records are in memory now; told a few times a second."""


class Unobserved:
    """Nobody watches."""

    def woke(self, lateness_ms: int) -> None:
        """Do nothing."""

    def hopped(self, tier: Tier) -> None:
        """Do nothing."""

    def dead_lettered(self, reason: Reason) -> None:
        """Do nothing."""

    def waiting(self, records: int) -> None:
        """Do nothing."""
