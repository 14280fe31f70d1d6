"""What the delay service does, as metrics."""

from typing import Final

from joblog.lifecycle.delays import Tier
from joblog.lifecycle.reasons import Reason
from joblog.streams.signals.metrics import Metrics

MS: Final = 1_000


class DelaysMetrics:
    """A DelaysObserver that counts."""

    def __init__(self, metrics: Metrics) -> None:
        """Count into the process's metrics."""
        self._metrics = metrics

    def woke(self, lateness_ms: int) -> None:
        """Count a wake-up, and how late it was."""
        self._metrics.wakeups.inc()
        self._metrics.lateness.observe(max(0, lateness_ms) / MS)

    def hopped(self, tier: Tier) -> None:
        """Count a hop."""
        self._metrics.hops.labels(tier.name).inc()

    def dead_lettered(self, reason: Reason) -> None:
        """Count a dead letter."""
        self._metrics.dead_letters.labels(reason).inc()

    def waiting(self, records: int) -> None:
        """Do nothing: the lag of the consumer group says how many records wait."""
