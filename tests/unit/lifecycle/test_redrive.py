"""What becomes of dead letters."""

import pytest

from joblog.lifecycle.decisions import Verdict
from joblog.schemas.models import (
    DeadLetterDiscarded,
    JobDeadLettered,
    JobDispatched,
    JobRedriven,
    RetryPolicy,
)
from tests.unit.lifecycle.partition_log import PartitionLog


@pytest.fixture
def log() -> PartitionLog:
    """A log with one dead-lettered job, whose deadline has passed since."""
    log = PartitionLog()
    log.announce("mail", retry_policy=RetryPolicy(max_attempts=2, initial_delay_ms=0))
    log.submit("job", payload=b"payload", deadline=log.now + 1_000)
    log.fail()
    log.fail()
    log.now += 5_000
    return log


def test_a_redrive_begins_the_next_generation_afresh(log: PartitionLog) -> None:
    folded = log.ask(JobRedriven, generation=2)
    assert folded.verdict == Verdict.CHANGED
    row = log.row()
    assert (row.generation, row.status, row.attempt) == (2, "dispatched", 1)
    assert (row.failures, row.losses, row.failure, row.reason) == (0, 0, None, None)
    assert row.deadline is None, "it had its chance in the first generation"
    assert (row.opening.submitted_at, row.opening.opened_at) == (log.now - 5_000, log.now)
    assert row.opening.position == log.records[-1].offset, "it stands behind what waits already"
    dispatch = log.emitted(JobDispatched)[-1]
    assert (dispatch.generation, dispatch.attempt) == (2, 1)
    assert dispatch.submission == log.records[row.opening.submission_offset].value


@pytest.mark.parametrize("generation", [1, 3])
def test_only_the_next_generation_can_be_opened(log: PartitionLog, generation: int) -> None:
    assert log.ask(JobRedriven, generation=generation).verdict == Verdict.STALE
    assert log.row().status == "dead_lettered"


def test_a_second_redrive_of_a_generation_is_stale(log: PartitionLog) -> None:
    log.ask(JobRedriven, generation=2)
    assert log.ask(JobRedriven, generation=2).verdict == Verdict.STALE
    assert log.dispatched() == ["job"] * 3


def test_the_next_generation_can_be_dead_lettered_too(log: PartitionLog) -> None:
    log.ask(JobRedriven, generation=2)
    log.fail(retryable=False)
    letters = log.emitted(JobDeadLettered)
    assert [(letter.generation, letter.reason) for letter in letters] == [
        (1, "exhausted"),
        (2, "fatal"),
    ]
    assert letters[0].original == letters[1].original


def test_a_report_about_the_old_generation_is_stale(log: PartitionLog) -> None:
    log.ask(JobRedriven, generation=2)
    assert log.succeed(generation=1, attempt=1).verdict == Verdict.STALE
    assert log.row().status == "dispatched"


def test_a_job_that_did_not_fail_cannot_be_redriven() -> None:
    log = PartitionLog()
    log.announce("mail")
    log.submit()
    log.succeed()
    assert log.ask(JobRedriven, generation=2).verdict == Verdict.STALE


def test_a_discarded_dead_letter_is_marked_once_and_can_still_be_redriven(
    log: PartitionLog,
) -> None:
    assert log.ask(DeadLetterDiscarded).verdict == Verdict.CHANGED
    assert (log.row().status, log.row().discarded) == ("dead_lettered", True)
    assert log.ask(DeadLetterDiscarded).verdict == Verdict.DUPLICATE
    assert log.ask(DeadLetterDiscarded, generation=2).verdict == Verdict.STALE
    log.ask(JobRedriven, generation=2)
    assert (log.row().status, log.row().discarded) == ("dispatched", False)
