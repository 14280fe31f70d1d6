"""What becomes of an attempt."""

from typing import Any

import pytest

from joblog.lifecycle.decisions import Verdict
from joblog.schemas.models import (
    AttemptHeartbeat,
    AttemptLost,
    AttemptReleased,
    AttemptStarted,
    AttemptSucceeded,
    Failure,
    JobDeadLettered,
    JobDispatched,
    JobEvent,
    LeaseExpired,
)
from tests.unit.lifecycle.partition_log import PartitionLog


@pytest.fixture
def log() -> PartitionLog:
    """A log with one dispatched job."""
    log = PartitionLog()
    log.announce("mail")
    log.submit("job")
    return log


def start(log: PartitionLog, lease_ms: int = 1_000) -> None:
    log.report(AttemptStarted, started_at=log.now, lease_ms=lease_ms)


def test_success_ends_the_job(log: PartitionLog) -> None:
    log.now += 250
    folded = log.succeed(result=b"done", result_schema=b"12345678")
    row = log.row()
    assert folded.verdict == Verdict.CHANGED
    assert (row.status, row.finished_at, row.worker) == ("succeeded", log.now, "w1")
    assert (row.result, row.result_schema) == (b"done", b"12345678")
    assert (row.lane, row.due, row.lease_until) == (None, None, None)
    assert folded.emissions == []


def test_a_result_too_large_for_a_row_is_left_out_with_a_reason(log: PartitionLog) -> None:
    log.succeed(result=bytes(65_537), result_schema=b"12345678")
    row = log.row()
    assert (row.status, row.result, row.result_schema) == ("succeeded", None, None)
    assert row.reason is not None
    assert "65537 bytes" in row.reason


def test_a_started_attempt_leaves_the_window_and_holds_a_lease(log: PartitionLog) -> None:
    assert log.fold.in_flight == {"default": 1}
    start(log)
    assert (log.row().status, log.row().lease_until) == ("running", log.now + 1_000)
    assert log.fold.in_flight == {}


def test_a_heartbeat_renews_the_lease(log: PartitionLog) -> None:
    start(log)
    log.now += 900
    log.report(AttemptHeartbeat, lease_ms=1_000)
    log.tick(999)
    assert log.row().status == "running"
    log.tick(1)
    assert log.dispatched() == ["job", "job"]


def test_a_heartbeat_says_as_much_as_a_start(log: PartitionLog) -> None:
    log.report(AttemptHeartbeat, lease_ms=1_000)
    assert log.row().status == "running"


def test_a_lease_that_ends_loses_the_attempt_without_charge(log: PartitionLog) -> None:
    start(log)
    log.tick(999)
    assert log.emitted(LeaseExpired) == []
    log.tick(1)
    (expired,) = log.emitted(LeaseExpired)
    assert (expired.attempt, expired.worker, expired.lease_until) == (1, "w1", log.now)
    row = log.row()
    assert (row.status, row.attempt, row.failures, row.losses) == ("dispatched", 2, 0, 1)


def test_a_job_that_lost_its_worker_is_tried_alone_until_it_reports(log: PartitionLog) -> None:
    log.report(AttemptLost)
    log.fail()
    log.tick()
    log.now += 10_000
    log.wake()
    assert [event.isolated for event in log.emitted(JobDispatched)] == [False, True, False]


def test_more_losses_in_a_row_than_allowed_dead_letter_the_job(log: PartitionLog) -> None:
    log.limit(loss_limit=2)
    for _ in range(2):
        log.report(AttemptLost, reason="its worker died")
        assert log.row().status == "dispatched"
    log.report(AttemptLost, reason="its worker died")
    (letter,) = log.emitted(JobDeadLettered)
    assert (letter.reason, letter.attempts) == ("lost", 3)
    assert "3 attempts in a row were lost, 2 are allowed: its worker died" in letter.detail


def test_a_loss_after_the_start_is_stale_since_the_lease_counts(log: PartitionLog) -> None:
    start(log)
    assert log.report(AttemptLost).verdict == Verdict.STALE
    assert log.row().status == "running"


def test_a_released_attempt_is_repeated_without_charge(log: PartitionLog) -> None:
    start(log)
    log.report(AttemptReleased, reason="its worker stops")
    row = log.row()
    assert (row.status, row.attempt, row.failures, row.losses) == ("dispatched", 2, 0, 0)
    assert row.lease_until is None


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        (AttemptStarted, {"started_at": 1, "lease_ms": 1}),
        (AttemptHeartbeat, {"lease_ms": 1}),
        (AttemptSucceeded, {"started_at": 1}),
        (AttemptLost, {}),
        (AttemptReleased, {}),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else "",
)
@pytest.mark.parametrize("other", [{"attempt": 2}, {"generation": 2}], ids=str)
def test_reports_about_another_attempt_are_stale(
    log: PartitionLog, kind: type[JobEvent], fields: dict[str, Any], other: dict[str, Any]
) -> None:
    before = log.row()
    folded = log.report(kind, **{**fields, **other})
    assert (folded.verdict, folded.emissions) == (Verdict.STALE, [])
    assert log.row() == before


def test_the_first_outcome_counts(log: PartitionLog) -> None:
    log.succeed(result=b"first")
    assert log.succeed(result=b"second").verdict == Verdict.STALE
    assert log.fail(attempt=1).verdict == Verdict.STALE
    assert log.row().result == b"first"


def test_a_fatal_failure_dead_letters_the_job_at_once(log: PartitionLog) -> None:
    log.fail(retryable=False)
    (letter,) = log.emitted(JobDeadLettered)
    assert (letter.reason, letter.detail, letter.attempts) == ("fatal", "broken", 1)
    assert letter.original.value == log.row().opening.submission
    row = log.row()
    assert (row.status, row.reason, row.failures) == ("dead_lettered", "fatal", 1)


@pytest.mark.parametrize(("message", "stacktrace"), [(99_999, 1), (1, 99_999), (99_999, 99_999)])
def test_an_absurdly_long_failure_is_clipped(
    log: PartitionLog, message: int, stacktrace: int
) -> None:
    log.fail(
        failure=Failure(kind="error", type="E", message="m" * message, stacktrace="s" * stacktrace)
    )
    kept = log.row().failure
    assert kept is not None
    assert len(kept.message) == min(message, 2_048)
    assert len(kept.stacktrace or "") == min(stacktrace, 16_384)
