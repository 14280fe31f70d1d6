"""Whether and when a failed attempt is repeated."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from joblog.lifecycle.outputs import Destination
from joblog.lifecycle.retry import delay_ms, within
from joblog.schemas.models import (
    Failure,
    JobDeadLettered,
    JobDispatched,
    RetryPolicy,
    RetryScheduled,
)
from tests.unit.lifecycle.partition_log import PartitionLog

FIXED = RetryPolicy(max_attempts=3, backoff="fixed", initial_delay_ms=2_000, jitter=0)

policies = st.builds(
    RetryPolicy,
    backoff=st.sampled_from(["fixed", "exponential"]),
    initial_delay_ms=st.integers(0, 10_000_000),
    multiplier=st.floats(1, 1e308),
    max_delay_ms=st.integers(0, 10_000_000),
    jitter=st.floats(0, 1),
)


def log_with(policy: RetryPolicy | None, **of_type: RetryPolicy) -> PartitionLog:
    log = PartitionLog()
    log.announce("mail", **of_type)
    log.submit("job", retry_policy=policy)
    return log


def due_after_failure(log: PartitionLog) -> int:
    log.fail()
    due = log.row().due
    assert due is not None
    wait = due - log.now
    log.now = due
    log.wake()
    return wait


def test_a_failure_is_repeated_after_the_policys_delay() -> None:
    log = log_with(FIXED)
    (emission,) = log.fail().emissions
    assert (emission.destination, emission.name) == (Destination.DELAY, "1s")
    (scheduled,) = log.emitted(RetryScheduled)
    assert (scheduled.attempt, scheduled.due) == (2, log.now + 2_000)
    assert scheduled.failure == log.row().failure
    assert (log.row().status, log.row().failures) == ("retrying", 1)


def test_a_fixed_delay_stays_the_same_and_an_exponential_one_grows_to_its_maximum() -> None:
    log = log_with(FIXED.model_copy(update={"max_attempts": 9}))
    assert [due_after_failure(log) for _ in range(3)] == [2_000, 2_000, 2_000]
    growing = {"backoff": "exponential", "multiplier": 3.0, "max_delay_ms": 20_000}
    log = log_with(FIXED.model_copy(update={"max_attempts": 9, **growing}))
    assert [due_after_failure(log) for _ in range(4)] == [2_000, 6_000, 18_000, 20_000]


def test_the_last_allowed_attempt_dead_letters_the_job() -> None:
    log = log_with(FIXED)
    for _ in range(2):
        due_after_failure(log)
    log.fail()
    (letter,) = log.emitted(JobDeadLettered)
    assert (letter.reason, letter.attempts) == ("exhausted", 3)
    assert letter.detail == "attempt 3 of 3 failed: broken"
    assert letter.failure == log.row().failure


def test_a_delay_of_nothing_dispatches_at_once() -> None:
    log = log_with(FIXED.model_copy(update={"initial_delay_ms": 0}))
    log.fail()
    assert [event.attempt for event in log.emitted(JobDispatched)] == [1, 2]


def test_the_handlers_wish_replaces_the_policys_delay_but_not_its_limits() -> None:
    log = log_with(FIXED)
    log.fail(retry_after_ms=123)
    assert log.row().due == log.now + 123
    log = log_with(FIXED.model_copy(update={"max_delay_ms": 5_000}))
    log.fail(retry_after_ms=5_001)
    assert log.row().due == log.now + 5_000
    log = log_with(FIXED.model_copy(update={"max_attempts": 1}))
    log.fail(retry_after_ms=123)
    assert log.row().status == "dead_lettered"


NO_HANDLER = Failure(kind="unknown_type", type="HandlerError", message="this worker has none")


def test_a_worker_without_the_handler_costs_a_job_nothing_while_workers_are_replaced() -> None:
    log = log_with(FIXED.model_copy(update={"max_attempts": 1}))
    log.limit(unknown_type_grace_ms=10_000)
    begun = log.now
    while log.now < begun + 20_000:
        log.fail(failure=NO_HANDLER)
        row = log.row()
        assert (row.status, row.due, row.failures) == ("retrying", log.now + 5_000, 0)
        log.now += 5_000
        log.wake()
    log.fail(failure=NO_HANDLER)
    (letter,) = log.emitted(JobDeadLettered)
    assert (letter.reason, letter.attempts) == ("exhausted", 5)


def test_the_time_for_that_begins_when_the_job_may_begin() -> None:
    log = PartitionLog()
    log.announce("mail", retry_policy=FIXED.model_copy(update={"max_attempts": 1}))
    log.limit(unknown_type_grace_ms=10_000)
    log.submit(not_before=log.now + 100_000)
    log.now += 100_000
    log.wake()
    log.fail(failure=NO_HANDLER)
    assert (log.row().status, log.row().failures) == ("retrying", 0)


def test_no_worker_is_awaited_past_the_deadline() -> None:
    log = PartitionLog()
    log.announce("mail", retry_policy=FIXED.model_copy(update={"max_attempts": 1}))
    log.submit(deadline=log.now + 5_000)
    log.fail(failure=NO_HANDLER)
    assert log.row().status == "dead_lettered"


@pytest.mark.parametrize(("elapsed", "status"), [(2_000, "retrying"), (1_999, "dead_lettered")])
def test_no_retry_begins_after_the_time_allowed(elapsed: int, status: str) -> None:
    log = log_with(FIXED.model_copy(update={"max_elapsed_ms": elapsed}))
    log.fail()
    assert log.row().status == status


@pytest.mark.parametrize(("after", "status"), [(2_001, "retrying"), (2_000, "dead_lettered")])
def test_no_retry_is_scheduled_for_the_deadline_or_later(after: int, status: str) -> None:
    log = PartitionLog()
    log.announce("mail")
    log.submit("job", retry_policy=FIXED, deadline=log.now + after)
    log.fail()
    assert log.row().status == status


def test_a_deadline_ends_the_wait_for_a_retry() -> None:
    log = PartitionLog()
    log.announce("mail")
    log.submit("job", retry_policy=FIXED, deadline=log.now + 2_500)
    log.fail()
    log.tick(2_500)
    assert log.row().status == "expired"


def test_a_jobs_policy_is_its_own_within_the_types_maximum() -> None:
    maximum = RetryPolicy(max_attempts=2, max_delay_ms=500, max_elapsed_ms=60_000)
    log = log_with(FIXED, maximum_retry_policy=maximum)
    assert log.emitted(JobDispatched)[0].max_attempts == 2
    assert due_after_failure(log) == 500
    log.fail()
    assert log.row().status == "dead_lettered"


@given(*[st.none() | st.builds(RetryPolicy, max_attempts=st.integers(1, 4))] * 3)
def test_a_job_fails_as_often_as_its_dispatch_says(
    own: RetryPolicy | None, types: RetryPolicy | None, maximum: RetryPolicy | None
) -> None:
    announced = {"retry_policy": types, "maximum_retry_policy": maximum}
    log = log_with(own, **{name: policy for name, policy in announced.items() if policy})
    while log.row().status == "dispatched":
        log.fail(retry_after_ms=0)
    assert {event.max_attempts for event in log.emitted(JobDispatched)} == {log.row().failures}


def test_a_job_without_a_policy_has_its_types() -> None:
    log = log_with(None, retry_policy=FIXED)
    assert due_after_failure(log) == 2_000


def test_a_wake_up_of_an_earlier_retry_is_stale() -> None:
    log = log_with(FIXED)
    log.fail()
    old = log.row().due
    log.now += 2_000
    log.wake()
    log.fail()
    log.now += 2_000
    log.wake(due=old)
    assert log.row().status == "retrying"


def test_only_what_both_allow_is_allowed() -> None:
    policy = RetryPolicy(max_attempts=5, max_delay_ms=10, max_elapsed_ms=None, jitter=0.5)
    maximum = RetryPolicy(max_attempts=9, max_delay_ms=5, max_elapsed_ms=7, jitter=0.1)
    held = within(policy, maximum)
    assert (held.max_attempts, held.max_delay_ms, held.max_elapsed_ms) == (5, 5, 7)
    assert held.jitter == 0.5
    assert within(policy, None) == policy


@given(policies, st.integers(1, 1_000), st.text(max_size=20))
def test_a_delay_is_never_longer_than_allowed_nor_shorter_than_its_jitter_says(
    policy: RetryPolicy, failures: int, seed: str
) -> None:
    delay = delay_ms(policy, failures, seed)
    assert delay == delay_ms(policy, failures, seed)
    shortest = min(policy.initial_delay_ms, policy.max_delay_ms) * (1 - policy.jitter)
    assert int(shortest) <= delay <= policy.max_delay_ms


def test_jitter_spreads_jobs() -> None:
    policy = FIXED.model_copy(update={"jitter": 0.5})
    delays = {delay_ms(policy, 1, f"job {number}") for number in range(200)}
    assert len(delays) > 100
    assert 1_000 <= min(delays) < 1_100
    assert 1_900 < max(delays) <= 2_000
