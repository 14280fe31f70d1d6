"""Attempts in the log."""

import pytest

from tests.history.faults import Fault, FaultKind
from tests.history.ledger import wall_clock
from tests.kafka.history.log_writer import POLICY
from tests.kafka.history.planted import PlantedLog


async def test_finds_two_attempts_at_once(log: PlantedLog) -> None:
    submission = await log.submit("a")
    await log.dispatch("a", 1, submission)
    await log.dispatch("a", 2, submission, place=1)
    await log.succeeds_in("a", 2)
    assert await log.broken() == {"attempts_follow_one_another"}


async def test_finds_a_gap_between_attempts(log: PlantedLog) -> None:
    await log.dispatch("a", 1, await log.submit("a"))
    released = await log.report("AttemptReleased", "a", 1)
    await log.dispatch("a", 3, released)
    await log.succeeds_in("a", 3)
    assert await log.broken() == {"attempts_follow_one_another"}


async def test_the_next_attempt_may_follow_a_released_one(log: PlantedLog) -> None:
    await log.dispatch("a", 1, await log.submit("a"))
    released = await log.report("AttemptReleased", "a", 1)
    await log.dispatch("a", 2, released)
    await log.succeeds_in("a", 2)
    assert await log.broken() == set()


async def test_finds_a_lease_that_expires_early(log: PlantedLog) -> None:
    await log.dispatch("a", 1, await log.submit("a"))
    started = await log.report("AttemptStarted", "a", 1, lease_ms=60_000)
    tick = await log.append("Tick", into=started.partition)
    lease_until = started.timestamp + 60_000
    await log.output("events", "LeaseExpired", "a", tick, attempt=1, lease_until=lease_until)
    await log.dispatch("a", 2, tick, place=1)
    await log.succeeds_in("a", 2)
    stopped = Fault(FaultKind.WORKER_STOPPED, started.timestamp, wall_clock())
    assert await log.broken([stopped]) == {"attempts_follow_one_another"}


async def test_finds_a_retry_without_a_failure(log: PlantedLog) -> None:
    submission = await log.submit("a")
    await log.output("delay.now", "RetryScheduled", "a", submission, attempt=1, due=1)
    elapsed = await log.append("DelayElapsed", "a", attempt=1, due=1)
    await log.dispatch("a", 1, elapsed)
    await log.succeeds_in("a", 1)
    assert await log.broken() == {"attempts_follow_one_another"}


async def test_finds_an_attempt_on_the_wrong_lane(log: PlantedLog) -> None:
    submission = await log.submit("a")
    await log.dispatch("a", 1, submission, suffix="work.bulk")
    await log.succeeds_in("a", 1)
    assert await log.broken() == {"attempts_run_on_the_lane_of_their_type"}


async def test_finds_an_attempt_of_a_type_not_declared_yet(log: PlantedLog) -> None:
    submission = await log.submit("a", type="report")
    await log.dispatch("a", 1, submission, type="report")
    await log.succeeds_in("a", 1)
    await log.declare(submission.partition, type="report")
    assert await log.broken() == {"attempts_run_on_the_lane_of_their_type"}


@pytest.mark.parametrize(
    ("max_attempts", "broken"), [(3, set()), (2, {"failures_stay_within_the_policy"})]
)
async def test_finds_an_attempt_beyond_the_policy(
    log: PlantedLog, max_attempts: int, broken: set[str]
) -> None:
    policy = POLICY | {"max_attempts": max_attempts, "initial_delay_ms": 0}
    cause = await log.submit("a", retry_policy=policy)
    for attempt in (1, 2):
        await log.dispatch("a", attempt, cause)
        log.runs("a", attempt, "start")
        cause = await log.report("AttemptFailed", "a", attempt)
    await log.dispatch("a", 3, cause)
    await log.succeeds_in("a", 3, failures=2)
    assert await log.broken() == broken


async def test_the_maximum_of_the_type_binds_the_submission(log: PlantedLog) -> None:
    maximum = POLICY | {"max_attempts": 1}
    for partition in (0, 1):
        await log.declare(partition, version=2, maximum_retry_policy=maximum)
    cause = await log.submit("a", retry_policy=POLICY | {"initial_delay_ms": 0})
    await log.dispatch("a", 1, cause)
    log.runs("a", 1, "start")
    failed = await log.report("AttemptFailed", "a", 1)
    await log.dispatch("a", 2, failed)
    await log.succeeds_in("a", 2, failures=1)
    assert await log.broken() == {"failures_stay_within_the_policy"}


async def test_finds_a_first_attempt_before_its_time(log: PlantedLog) -> None:
    not_before = wall_clock() + 2_000
    submission = await log.submit("a", not_before=not_before)
    await log.dispatch("a", 1, submission)
    await log.succeeds_in("a", 1)
    assert await log.broken() == {
        "attempts_follow_one_another",  # it was still scheduled
        "nothing_is_dispatched_before_it_is_due",
        "no_handler_starts_before_it_is_due",
    }


@pytest.mark.parametrize("retry_after_ms", [None, 20])
async def test_finds_a_retry_before_its_time(log: PlantedLog, retry_after_ms: int | None) -> None:
    """The scheduler would say nothing of a delay, though policy or handler ask for one."""
    delay = 20 if retry_after_ms is None else 0
    cause = await log.submit("a", retry_policy=POLICY | {"initial_delay_ms": delay})
    await log.dispatch("a", 1, cause)
    log.runs("a", 1, "start")
    failed = await log.report("AttemptFailed", "a", 1, retry_after_ms=retry_after_ms)
    await log.dispatch("a", 2, failed)
    await log.time_passes(failed.partition, failed.timestamp + 20)
    await log.succeeds_in("a", 2, failures=1)
    assert await log.broken() == {"nothing_is_dispatched_before_it_is_due"}


async def test_finds_a_dispatch_after_the_end(log: PlantedLog) -> None:
    success = await log.succeeds("a")
    assert await log.broken() == set()
    await log.dispatch("a", 2, success)
    assert await log.broken() == {"nothing_is_put_out_after_the_end"}


async def test_finds_a_dispatch_of_a_job_that_was_cancelled(log: PlantedLog) -> None:
    await log.submit("a")
    asked = await log.cancel("a")
    await log.output("events", "JobCancelled", "a", asked)
    await log.row("a", status="cancelled", attempt=0)
    assert await log.broken() == set()
    await log.dispatch("a", 1, await log.append("Tick", into=asked.partition))
    assert await log.broken() == {"nothing_is_put_out_after_the_end"}
