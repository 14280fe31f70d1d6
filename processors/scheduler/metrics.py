"""What the scheduler does, as metrics."""

from functools import lru_cache
from typing import Final

from joblog.lifecycle.decisions import Verdict
from joblog.lifecycle.outputs import Destination
from joblog.lifecycle.partition.emissions import Emission
from joblog.lifecycle.partition.fold import Folded, PartitionFold
from joblog.lifecycle.partition.keys import type_of_line
from joblog.lifecycle.states import TERMINAL, Status
from joblog.processors.scheduler.owner import Scheduler
from joblog.schemas.codec import Codec
from joblog.schemas.models import JobDeadLettered
from joblog.schemas.state import JobRow
from joblog.streams.records import Inbound
from joblog.streams.signals.metrics import Metrics

MS: Final = 1_000
CHILDREN: Final = 1_024
UNREADABLE: Final = "unreadable"


class SchedulerMetrics:
    """A SchedulerObserver that counts."""

    def __init__(self, metrics: Metrics) -> None:
        """Count into the process's metrics."""
        self._metrics = metrics
        self._codec = Codec()
        # Finding a labelled child costs more than counting with it.
        self._record = lru_cache(CHILDREN)(metrics.records.labels)
        self._outcome = lru_cache(CHILDREN)(metrics.outcomes.labels)
        self._stage = lru_cache(CHILDREN)(metrics.stage.labels)

    def folded(self, partition: int, record: Inbound, folded: Folded) -> None:
        """Count a record, and the end of its job."""
        del partition, record
        self._record(folded.event or UNREADABLE, folded.verdict).inc()
        for emission in folded.emissions:
            if emission.destination == Destination.DEAD_LETTERS:
                self._dead_lettered(emission)
        if folded.verdict == Verdict.CHANGED and folded.after is not None:
            self._changed(folded.before, folded.after)

    def committed(self, partition: int, rows: int, seconds: float) -> None:
        """Time a commit."""
        del partition, rows
        self._metrics.commits.observe(seconds)

    def opened(self, partition: int, seconds: float) -> None:
        """Time a takeover."""
        del partition
        self._metrics.takeovers.observe(seconds)

    def closed(self, partition: int) -> None:
        """Forget a partition's lag."""
        self._metrics.lag.remove(str(partition))

    def _dead_lettered(self, emission: Emission) -> None:
        letter = self._codec.decode(emission.value or b"")
        if isinstance(letter, JobDeadLettered):
            self._metrics.dead_letters.labels(letter.reason).inc()

    def _changed(self, before: JobRow | None, after: JobRow) -> None:
        if after.status == Status.RETRYING:
            self._metrics.retries.labels(after.type).inc()
        if after.status not in TERMINAL or (before is not None and before.status in TERMINAL):
            return
        self._outcome(after.type, after.status).inc()
        finished = after.finished_at or after.updated_at
        self._observe("total", finished - after.submitted_at)
        if after.dispatched_at is not None:
            self._observe("queued", after.dispatched_at - after.opened_at)
            self._observe("executed", finished - after.dispatched_at)

    def _observe(self, stage: str, millis: int) -> None:
        self._stage(stage).observe(max(0, millis) / MS)


def observe_depth(scheduler: Scheduler, metrics: Metrics) -> None:
    """Set the gauges of what waits, from the open partitions; called when metrics are asked for."""
    metrics.queue_depth.clear()
    metrics.in_flight.clear()
    metrics.oldest_age.clear()
    for partition in scheduler.partitions:
        for line, count in partition.fold.waiting.items():
            queue = line.partition("\x00")[2]
            metrics.queue_depth.labels(type_of_line(line), queue).inc(count)
            _observe_age(metrics, partition.fold, line)
        for lane, count in partition.fold.in_flight.items():
            metrics.in_flight.labels(lane).inc(count)


def _observe_age(metrics: Metrics, fold: PartitionFold, line: str) -> None:
    oldest = fold.oldest(line)
    if oldest is None:
        return
    gauge = metrics.oldest_age.labels(type_of_line(line), line.partition("\x00")[2])
    gauge.set(max(0, fold.now - oldest) / MS)
