"""What a job leads to carries the correlation id of its submission."""

from collections.abc import Callable

import pytest

from joblog.lifecycle.partition.fold import Folded
from joblog.schemas.models import (
    AttemptStarted,
    JobCancelled,
    JobCancelRequested,
    JobDeadLettered,
    JobDeferred,
    JobDispatched,
    JobEvent,
    JobExpired,
    JobRedriven,
    LeaseExpired,
    RetryPolicy,
    RetryScheduled,
)
from tests.unit.lifecycle.partition_log import PartitionLog

TWICE = RetryPolicy(max_attempts=2)


class ManyOwners(PartitionLog):
    """A partition that goes to another owner after each record."""

    def append_raw(
        self,
        key: bytes | None,
        value: bytes | None,
        headers: tuple[tuple[str, bytes | None], ...] = (),
    ) -> Folded:
        folded = super().append_raw(key, value, headers)
        self.reopen()
        return folded


def is_deferred_and_woken_too_early(log: PartitionLog, correlation_id: str | None) -> None:
    log.submit(not_before=log.now + 5_000, correlation_id=correlation_id)
    log.wake()


def is_dispatched_twice(log: PartitionLog, correlation_id: str | None) -> None:
    log.submit(correlation_id=correlation_id)
    log.fail(retry_after_ms=0)


def is_retried_and_woken_too_early(log: PartitionLog, correlation_id: str | None) -> None:
    log.submit(correlation_id=correlation_id, retry_policy=TWICE)
    log.fail()
    log.wake()


def expires_at_once_and_later(log: PartitionLog, correlation_id: str | None) -> None:
    log.submit("late", correlation_id=correlation_id, deadline=log.now)
    log.submit(correlation_id=correlation_id, deadline=log.now + 9, not_before=log.now + 99)
    log.tick(9)


def is_cancelled_while_it_waits_and_while_it_runs(
    log: PartitionLog, correlation_id: str | None
) -> None:
    log.submit("waits", correlation_id=correlation_id, not_before=log.now + 99)
    log.ask(JobCancelRequested, "waits")
    log.submit(correlation_id=correlation_id)
    log.ask(JobCancelRequested)
    log.fail()


def loses_its_lease_twice(log: PartitionLog, correlation_id: str | None) -> None:
    log.submit(correlation_id=correlation_id)
    for _ in range(2):
        log.report(AttemptStarted, started_at=log.now, lease_ms=10)
        log.tick(10)


def is_dead_lettered_in_both_generations(log: PartitionLog, correlation_id: str | None) -> None:
    log.submit(correlation_id=correlation_id)
    log.fail(retryable=False)
    log.ask(JobRedriven, generation=2)
    log.fail(retryable=False)


@pytest.mark.parametrize("correlation_id", ["order-1042", None])
@pytest.mark.parametrize(
    ("happens", "kind"),
    [
        (is_deferred_and_woken_too_early, JobDeferred),
        (is_dispatched_twice, JobDispatched),
        (is_retried_and_woken_too_early, RetryScheduled),
        (expires_at_once_and_later, JobExpired),
        (is_cancelled_while_it_waits_and_while_it_runs, JobCancelled),
        (loses_its_lease_twice, LeaseExpired),
        (is_dead_lettered_in_both_generations, JobDeadLettered),
    ],
    ids=lambda value: value.__name__,
)
@pytest.mark.parametrize("made", [PartitionLog, ManyOwners])
def test_it_is_the_submissions_whoever_decides(
    happens: Callable[[PartitionLog, str | None], None],
    kind: type[JobEvent],
    correlation_id: str | None,
    made: type[PartitionLog],
) -> None:
    log = made()
    log.announce("mail")
    happens(log, correlation_id)
    assert [event.correlation_id for event in log.emitted(kind)] == [correlation_id] * 2


def test_the_dead_letter_of_a_record_has_that_of_the_record() -> None:
    log = PartitionLog()
    log.submit(generation=2, correlation_id="order-1042")
    log.append_raw(b"job", b"garbage")
    letters = log.emitted(JobDeadLettered)
    assert [letter.correlation_id for letter in letters] == ["order-1042", None]
