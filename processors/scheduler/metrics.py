"""What the scheduler does, as metrics."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Final

from joblog.lifecycle.outputs import Destination
from joblog.lifecycle.partition.emissions import Emission
from joblog.lifecycle.partition.fold import Folded, PartitionFold
from joblog.lifecycle.partition.keys import type_of_line
from joblog.lifecycle.states import TERMINAL, Status
from joblog.processors.scheduler.partition import PartitionScheduler
from joblog.schemas.codec import Codec
from joblog.schemas.models import JobDeadLettered
from joblog.schemas.state import JobRow
from joblog.streams.signals.metrics import Metrics

MS: Final = 1_000
UNREADABLE: Final = "unreadable"
CHILDREN: Final = 1_024
"""Labelled children that are kept at hand."""


class SchedulerMetrics:
    """A SchedulerObserver that counts."""

    def __init__(self, metrics: Metrics) -> None:
        """Count into the process's metrics."""
        self._metrics = metrics
        self._codec = Codec()
        # Finding a labelled child costs more than counting with it.
        self._records = lru_cache(CHILDREN)(metrics.records.labels)
        self._outcomes = lru_cache(CHILDREN)(metrics.outcomes.labels)

    def folded(self, partition: int, cycle: Sequence[Folded]) -> None:
        """Count records, and the ends of their jobs."""
        del partition
        records: Counter[tuple[str, str]] = Counter()
        outcomes: Counter[tuple[str, str]] = Counter()
        for folded in cycle:
            records[folded.event or UNREADABLE, folded.verdict] += 1
            for emission in folded.emissions:
                if emission.destination == Destination.DEAD_LETTERS:
                    self._dead_lettered(emission)
            for before, after in folded.changes:
                self._changed(before, after, outcomes)
        for labels, count in records.items():
            self._records(*labels).inc(count)
        for labels, count in outcomes.items():
            self._outcomes(*labels).inc(count)

    def committed(self, partition: int, rows: int, seconds: float) -> None:
        """Time a commit."""
        del partition, rows
        self._metrics.commits.observe(seconds)

    def opened(self, partition: int, seconds: float) -> None:
        """Time a takeover."""
        del partition
        self._metrics.takeovers.observe(seconds)

    def lost(self, partition: int, topic: str) -> None:
        """Count a lost topic."""
        del partition
        self._metrics.topics_lost.labels(topic).inc()

    def _dead_lettered(self, emission: Emission) -> None:
        letter = self._codec.decode(emission.value or b"")
        if isinstance(letter, JobDeadLettered):
            self._metrics.dead_letters.labels(letter.reason).inc()

    def _changed(
        self, before: JobRow | None, after: JobRow, outcomes: Counter[tuple[str, str]]
    ) -> None:
        if after.status == Status.RETRYING and (before is None or before.status != after.status):
            self._metrics.retries.labels(after.type).inc()
        if after.status not in TERMINAL or (before is not None and before.status in TERMINAL):
            return
        outcomes[after.type, after.status] += 1
        finished = after.finished_at or after.updated_at
        self._observe("total", finished - after.opening.submitted_at)
        if after.dispatched_at is not None:
            self._observe("queued", after.dispatched_at - after.opening.opened_at)
            self._observe("executed", finished - after.dispatched_at)

    def _observe(self, stage: str, millis: int) -> None:
        self._metrics.stage.observe(stage, max(0, millis) / MS)


def observe_partitions(
    partitions: Iterable[PartitionScheduler],
    log_end: Callable[[int], int | None],
    metrics: Metrics,
) -> None:
    """Set the gauges from the open partitions; called when metrics are asked for."""
    for gauge in (
        metrics.queue_depth,
        metrics.blocked,
        metrics.in_flight,
        metrics.oldest_age,
        metrics.lag,
        metrics.stopped,
    ):
        gauge.clear()
    steps_back = 0
    for partition in partitions:
        _observe_depth(partition.fold, metrics)
        _observe_lag(partition, log_end(partition.partition), metrics)
        metrics.stopped.labels(str(partition.partition)).set(partition.stopped is not None)
        steps_back += partition.fold.steps_back
    metrics.clock_steps_back.set(steps_back)


def _observe_depth(fold: PartitionFold, metrics: Metrics) -> None:
    for line, count in fold.waiting.items():
        queue = line.partition("\x00")[2]
        metrics.queue_depth.labels(type_of_line(line), queue).inc(count)
        _observe_age(metrics, fold, line)
    for line, count in fold.blocked.items():
        metrics.blocked.labels(type_of_line(line), line.partition("\x00")[2]).inc(count)
    for lane, count in fold.in_flight.items():
        metrics.in_flight.labels(lane).inc(count)


def _observe_lag(partition: PartitionScheduler, end: int | None, metrics: Metrics) -> None:
    if end is not None:
        lag = max(0, end - partition.fold.offset - 1)
        metrics.lag.labels(str(partition.partition)).set(lag)


def _observe_age(metrics: Metrics, fold: PartitionFold, line: str) -> None:
    oldest = fold.oldest(line)
    if oldest is None:
        return
    gauge = metrics.oldest_age.labels(type_of_line(line), line.partition("\x00")[2])
    gauge.set(max(0, fold.now - oldest) / MS)
