"""The figures that the demo shows."""

from datetime import UTC, datetime, timedelta

from prometheus_client.exposition import generate_latest

from examples.saas.demo.stages import Spread, Stages
from examples.saas.demo.telemetry import snapshot_of
from joblog import Job
from joblog.streams.signals.metrics import Metrics

START = datetime(2026, 1, 1, tzinfo=UTC)


def at(milliseconds: int) -> datetime:
    return START + timedelta(milliseconds=milliseconds)


def test_percentiles_are_by_nearest_rank() -> None:
    spans = [(START, at(length)) for length in range(200, 0, -1)]
    assert Spread.of(spans) == (100, 198)
    assert Spread.of([(START, at(7))]) == (7, 7)
    assert Spread.of([(START, None)]) is None


def test_stages_leave_retried_jobs_out() -> None:
    once = Job.model_construct(
        attempt=1, submitted_at=START, dispatched_at=at(2), started_at=at(5), finished_at=at(9)
    )
    retried = once.model_copy(update={"attempt": 2, "finished_at": at(5_000)})
    assert Stages.of([once, retried]) == ((2, 2), (3, 3), (4, 4), (9, 9))


def test_a_snapshot_adds_up_all_schedulers() -> None:
    texts = []
    for jobs in (2, 3):
        metrics = Metrics()
        metrics.outcomes.labels("import", "succeeded").inc(jobs)
        metrics.outcomes.labels("import", "dead_lettered").inc()
        metrics.retries.labels("webhook").inc(jobs)
        metrics.queue_depth.labels("import", "default").set(10)
        metrics.in_flight.labels("default").set(jobs)
        texts.append(generate_latest(metrics.registry).decode())
    snapshot = snapshot_of(texts)
    assert snapshot.finished == {("import", "succeeded"): 5, ("import", "dead_lettered"): 2}
    assert snapshot.retries == {"webhook": 5}
    assert (snapshot.pending, snapshot.in_flight) == (20, 5)
    assert snapshot.ended("import") == 7
