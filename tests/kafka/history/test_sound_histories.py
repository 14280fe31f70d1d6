"""Histories that are as the contract says break no rule, whatever they are about."""

from typing import Any

from tests.history.faults import Fault, FaultKind
from tests.history.ledger import wall_clock
from tests.kafka.history.log_writer import POLICY, Written
from tests.kafka.history.planted import FAILURE, FATAL, PlantedLog


async def test_a_job_that_succeeds(log: PlantedLog) -> None:
    await log.succeeds("a")
    assert await log.violations() == []


async def test_a_retry_that_hops_and_a_dispatch_that_is_repeated(log: PlantedLog) -> None:
    submission = await log.submit("a")
    await log.dispatch("a", 1, submission)
    log.runs("a", 1, "start")
    failed = await log.report("AttemptFailed", "a", 1)
    due = failed.timestamp + POLICY["initial_delay_ms"]
    retry: dict[str, Any] = {"attempt": 2, "due": due, "failure": FAILURE}
    for tier in ("delay.1s", "delay.now"):
        await log.output(tier, "RetryScheduled", "a", failed, **retry)
    elapsed = await _elapses(log, "a", failed.partition, due, attempt=2)
    await log.dispatch("a", 2, elapsed)
    await log.dispatch("a", 2, elapsed)
    await log.succeeds_in("a", 2, failures=1)
    assert await log.violations() == []


async def test_a_job_that_waits_for_its_time(log: PlantedLog) -> None:
    not_before = wall_clock() + 300
    submission = await log.submit("a", not_before=not_before)
    await log.output("delay.now", "JobDeferred", "a", submission, due=not_before)
    elapsed = await _elapses(log, "a", submission.partition, not_before, attempt=1)
    await log.dispatch("a", 1, elapsed)
    log.runs("a", 1, "start")
    log.runs("a", 1, "end")
    await log.report("AttemptSucceeded", "a", 1)
    await log.report("AttemptFailed", "a", 1)  # stale
    await log.row("a", status="succeeded", attempt=1)
    assert await log.violations() == []


async def test_jobs_that_are_cancelled(log: PlantedLog) -> None:
    await log.submit("waiting")
    asked = await log.cancel("waiting")
    await log.output("events", "JobCancelled", "waiting", asked)
    await log.row("waiting", status="cancelled", attempt=0)

    await log.dispatch("flying", 1, await log.submit("flying"))
    asked = await log.cancel("flying")
    await log.output("control", "JobCancelRequested", "flying", asked, requested_by="ops")
    confirmed = await log.report("AttemptCancelled", "flying", 1)
    await log.output("events", "JobCancelled", "flying", confirmed)
    await log.row("flying", status="cancelled", attempt=1)
    assert await log.violations() == []


async def test_a_job_that_expires(log: PlantedLog) -> None:
    submission = await log.submit("a", deadline=1)
    await log.output("events", "JobExpired", "a", submission, deadline=1)
    await log.row("a", status="expired", attempt=0)
    assert await log.violations() == []


async def test_a_job_that_fails_for_good_and_is_redriven(log: PlantedLog) -> None:
    submission = await log.submit("a")
    await log.dispatch("a", 1, submission)
    log.runs("a", 1, "start")
    failed = await log.report("AttemptFailed", "a", 1, failure=FATAL)
    await log.dead_letter_of_job("a", failed, "fatal")
    redriven = await log.append("JobRedriven", "a", generation=2, requested_by="ops")
    await log.dispatch("a", 1, redriven, generation=2)
    log.runs("a", 1, "start", generation=2)
    log.runs("a", 1, "end", generation=2)
    await log.report("AttemptSucceeded", "a", 1, generation=2)
    await log.row("a", status="succeeded", attempt=1, generation=2)
    assert await log.violations() == []


async def test_attempts_that_a_killed_worker_lost(log: PlantedLog) -> None:
    await log.dispatch("a", 1, await log.submit("a"))
    log.runs("a", 1, "start")
    await log.report("AttemptStarted", "a", 1, lease_ms=1)
    killed = Fault(FaultKind.WORKER_KILLED, wall_clock(), wall_clock())
    lease_until = await _lease_ends(log, "a")
    await log.dispatch("a", 2, lease_until, place=1)
    lost = await log.report("AttemptLost", "a", 2)
    await log.dispatch("a", 3, lost)
    log.runs("a", 3, "start")
    log.runs("a", 3, "end")
    await log.report("AttemptSucceeded", "a", 3)
    await log.row("a", status="succeeded", attempt=3)
    stopped = Fault(FaultKind.WORKER_STOPPED, killed.begin_ms, wall_clock())
    assert await log.violations([killed, stopped]) == []


async def test_a_job_that_is_submitted_twice(log: PlantedLog) -> None:
    await log.succeeds("a")
    await log.submit("a")
    assert await log.violations() == []


async def test_a_submission_in_the_wrong_partition(log: PlantedLog) -> None:
    copy = await log.succeeds("a")
    wrong = 1 - copy.partition
    await log.send("events", b"a", log.values[log.submissions["a"]], wrong)
    assert await log.violations() == []


async def test_a_submission_that_is_refused_and_then_accepted(log: PlantedLog) -> None:
    refused = await log.submit("a", dependencies=["b"])
    original = log.original(refused, b"a", log.values[refused])
    await log.dead_letter("a", refused, "unsupported", original)
    log.submissions.clear()
    await log.succeeds("a")
    assert await log.violations() == []


async def test_a_submission_that_is_too_large(log: PlantedLog) -> None:
    refused = await log.submit("refused")
    await log.dead_letter_of_job("refused", refused, "too_large")

    opened = await log.submit("opened")
    await log.dead_letter_of_job("opened", opened, "too_large")
    await log.row("opened", status="dead_lettered", attempt=0)
    assert await log.violations() == []


async def _elapses(log: PlantedLog, job: str, partition: int, due: int, attempt: int) -> Written:
    await log.time_passes(partition, due)
    return await log.append("DelayElapsed", job, attempt=attempt, due=due)


async def _lease_ends(log: PlantedLog, job: str) -> Written:
    """Let the lease of a first attempt end; return the tick that takes the attempt back."""
    submission = log.submissions[job]
    tick = await log.time_passes(submission.partition, wall_clock() + 50)
    lease: dict[str, Any] = {"attempt": 1, "worker": "w1", "lease_until": tick.timestamp}
    await log.output("events", "LeaseExpired", job, tick, **lease)
    return tick
