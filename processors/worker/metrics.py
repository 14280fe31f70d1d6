"""What a worker does, as metrics."""

from functools import lru_cache
from typing import Final

from joblog.streams.signals.metrics import Metrics

CHILDREN: Final = 1_024
"""Labelled children that are kept at hand."""


class WorkerMetrics:
    """A WorkerObserver that counts.

    Args:
        metrics: the process's metrics.
    """

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        # Finding a labelled child costs more than counting with it.
        self._attempts = lru_cache(CHILDREN)(metrics.attempts.labels)
        self._running = 0
        metrics.running.set_function(lambda: self._running)

    def attempt_began(self, type_: str) -> None:
        """Count a running attempt."""
        del type_
        self._running += 1

    def attempt_ended(self, type_: str, outcome: str, seconds: float) -> None:
        """Count an attempt and its time."""
        self._running -= 1
        self._attempts(type_, outcome).inc()
        self._metrics.attempt_seconds.observe(type_, seconds)

    def attempt_not_begun(self, type_: str, outcome: str) -> None:
        """Count an attempt."""
        self._attempts(type_, outcome).inc()

    def attempt_lost(self, type_: str) -> None:
        """Count an attempt of a worker that is gone."""
        self._attempts(type_, "lost").inc()

    def dispatch_repeated(self) -> None:
        """Count nothing: what was dropped changes nothing."""

    def dead_lettered(self, reason: str) -> None:
        """Count a dead letter."""
        self._metrics.dead_letters.labels(reason).inc()

    def claimed(self, attempts: int, seconds: float) -> None:
        """Count nothing: claims are part of running."""

    def buffered(self, lane: str, attempts: int) -> None:
        """Count nothing: the scheduler knows the depth."""

    def assigned(self, lane: str, partitions: int) -> None:
        """Count nothing: the group knows its members."""
