"""How long a scheduler takes to take its partitions over, from what it says of itself."""

from time import monotonic
from typing import Final, NamedTuple

from benchmarks.joblog_system import Joblog

METRIC: Final = "joblog_takeover_seconds"


class Takeover(NamedTuple):
    """One partition's: when it was seen to be done, and how long it had taken, in seconds."""

    ended: float
    seconds: float


class Takeovers:
    """Watches a scheduler's takeovers while it starts.

    Args:
        system: the system whose scheduler starts.
    """

    def __init__(self, system: Joblog) -> None:
        self._system = system
        self._count = 0.0
        self._sum = 0.0
        self.found: list[Takeover] = []

    def until_all(self, seconds: float) -> float:
        """Wait until all partitions are taken over; return the seconds from first begin to last end."""
        partitions = self._system.settings.partitions
        self._system.processes.until(
            lambda: self._look() >= partitions, f"{partitions} takeovers", seconds
        )
        begun = min(one.ended - one.seconds for one in self.found)
        return max(one.ended for one in self.found) - begun

    def _look(self) -> float:
        now, found = monotonic(), self._system.metrics()
        count, total = found.get(f"{METRIC}_count", 0.0), found.get(f"{METRIC}_sum", 0.0)
        if new := int(count - self._count):
            self.found += [Takeover(now, (total - self._sum) / new)] * new
            self._count, self._sum = count, total
        return count
