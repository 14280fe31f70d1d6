"""How a job is cancelled."""

from collections.abc import Callable
from typing import Any

import pytest

from joblog.lifecycle.decisions import Verdict
from joblog.lifecycle.outputs import Destination
from joblog.schemas.models import (
    AttemptCancelled,
    AttemptLost,
    AttemptReleased,
    AttemptStarted,
    JobCancelled,
    JobCancelRequested,
    JobDeadLettered,
    JobEvent,
    RetryPolicy,
)
from tests.unit.lifecycle.partition_log import PartitionLog


def dispatched() -> PartitionLog:
    log = PartitionLog()
    log.announce("mail", retry_policy=RetryPolicy(initial_delay_ms=1_000))
    log.submit("job")
    return log


def cancel(log: PartitionLog, **fields: Any) -> Verdict:  # noqa: ANN401 - the model checks them
    return log.ask(JobCancelRequested, **{"reason": "not needed", **fields}).verdict


def scheduled() -> PartitionLog:
    log = PartitionLog()
    log.submit("job", not_before=log.now + 1_000)
    return log


def pending() -> PartitionLog:
    log = PartitionLog()
    log.submit("job", "rare")
    return log


def retrying() -> PartitionLog:
    log = dispatched()
    log.fail()
    return log


@pytest.mark.parametrize("waiting", [scheduled, pending, retrying])
def test_a_job_that_waits_is_cancelled_at_once(waiting: Callable[[], PartitionLog]) -> None:
    log = waiting()
    assert cancel(log) == Verdict.CHANGED
    row = log.row()
    assert (row.status, row.reason, row.finished_at) == ("cancelled", "not needed", log.now)
    (fact,) = log.emitted(JobCancelled)
    assert (fact.reason, fact.attempts) == ("not needed", row.attempt)
    log.announce("rare")
    log.tick(10_000)
    assert log.dispatched() == ["job"] * row.attempt


def test_the_workers_are_told_once_of_a_job_that_is_dispatched() -> None:
    log = dispatched()
    cancel(log, requested_by="x" * 2_000, reason="y" * 2_000)
    assert cancel(log) == Verdict.DUPLICATE
    row = log.row()
    assert (row.status, row.cancel_requested) == ("dispatched", True)
    (emission,) = [e for e in log.emissions if e.destination == Destination.CONTROL]
    assert emission.key == b"job"
    (told,) = log.emitted(JobCancelRequested)
    assert (told.requested_by, told.reason) == ("x" * 1_024, "y" * 1_024)
    assert told.cause is not None


@pytest.mark.parametrize("started", [False, True], ids=["dispatched", "running"])
@pytest.mark.parametrize("kind", [AttemptCancelled, AttemptReleased])
def test_the_end_of_the_attempt_then_cancels_the_job(
    kind: type[JobEvent],
    started: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    log = dispatched()
    if started:
        log.report(AttemptStarted, started_at=1, lease_ms=1_000)
    cancel(log)
    log.report(kind)
    assert (log.row().status, log.row().cancel_requested) == ("cancelled", False)
    assert len(log.emitted(JobCancelled)) == 1
    assert log.dispatched() == ["job"]


def test_a_failure_a_loss_or_the_end_of_the_lease_cancels_it_too() -> None:
    failed, lost, expired = dispatched(), dispatched(), dispatched()
    expired.report(AttemptStarted, started_at=1, lease_ms=1_000)
    for log in (failed, lost, expired):
        cancel(log)
    failed.fail()
    lost.report(AttemptLost)
    expired.tick(1_000)
    for log in (failed, lost, expired):
        assert log.row().status == "cancelled"
        assert log.row().reason == "not needed"


def test_a_success_that_comes_first_wins() -> None:
    log = dispatched()
    cancel(log)
    log.succeed()
    assert log.row().status == "succeeded"
    assert log.report(AttemptCancelled).verdict == Verdict.STALE
    assert cancel(log) == Verdict.STALE


@pytest.mark.parametrize("started", [False, True])
def test_an_attempt_that_a_worker_cancels_unasked_is_lost(*, started: bool) -> None:
    log = dispatched()
    log.limit(loss_limit=1)
    if started:
        log.report(AttemptStarted, started_at=1, lease_ms=1)
    log.report(AttemptCancelled)
    row = log.row()
    assert (row.status, row.attempt, row.losses, row.failures) == ("dispatched", 2, 1, 0)
    log.report(AttemptCancelled)
    (letter,) = log.emitted(JobDeadLettered)
    assert letter.reason == "lost"
    assert "worker w1 cancelled it, and nobody had asked for that" in letter.detail


def test_a_cancel_of_another_generation_is_stale() -> None:
    log = dispatched()
    assert cancel(log, generation=2) == Verdict.STALE
    assert log.row().cancel_requested is False


def test_the_fact_that_is_read_back_changes_nothing() -> None:
    log = pending()
    cancel(log)
    before = log.row()
    (fact,) = log.emitted(JobCancelled)
    assert log.append(fact).verdict == Verdict.FACT
    assert log.row() == before
