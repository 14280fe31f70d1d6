"""What handlers did, against what the log says."""

import pytest

from tests.history.faults import Fault, FaultKind
from tests.history.ledger import wall_clock
from tests.kafka.history.log_writer import Written
from tests.kafka.history.planted import FAILURE, PlantedLog

EARLY_MS = 1_000
KILLED, STOPPED = FaultKind.WORKER_KILLED, FaultKind.WORKER_STOPPED


async def test_finds_a_handler_that_nobody_asked_to_run(log: PlantedLog) -> None:
    await log.succeeds("a")
    assert await log.broken() == set()
    log.runs("a", 2, "start")
    assert await log.broken() == {"handlers_run_what_was_dispatched"}


async def test_finds_a_handler_that_runs_before_its_dispatch(log: PlantedLog) -> None:
    submission = await log.submit("a")
    dispatched = await log.dispatch("a", 1, submission)
    log.runs("a", 1, "start", at_ms=dispatched.timestamp - EARLY_MS)
    log.runs("a", 1, "end")
    await log.report("AttemptSucceeded", "a", 1)
    await log.row("a", status="succeeded", attempt=1)
    assert await log.broken() == {"handlers_run_what_was_dispatched"}


async def test_finds_an_end_without_a_start(log: PlantedLog) -> None:
    await log.dispatch("a", 1, await log.submit("a"))
    log.runs("a", 1, "end")
    await log.report("AttemptFailed", "a", 1, failure=FAILURE | {"kind": "process_died"})
    await log.row("a", status="pending", attempt=1, failures=1)
    log.acknowledged.clear()
    assert await log.broken() == {"handlers_run_what_was_dispatched"}


async def test_finds_a_handler_that_starts_before_it_is_due(log: PlantedLog) -> None:
    not_before = wall_clock() + 200
    submission = await log.submit("a", not_before=not_before)
    await log.output("delay.now", "JobDeferred", "a", submission, due=not_before)
    dispatched = await log.dispatch("a", 1, await _elapses(log, submission, not_before))
    assert dispatched.timestamp >= not_before
    log.runs("a", 1, "start", at_ms=not_before - EARLY_MS)
    log.runs("a", 1, "end")
    await log.report("AttemptSucceeded", "a", 1)
    await log.row("a", status="succeeded", attempt=1)
    assert await log.broken() == {
        "no_handler_starts_before_it_is_due",
        "handlers_run_what_was_dispatched",  # nor was it dispatched then
    }


@pytest.mark.parametrize(
    ("kind", "explains"),
    [(STOPPED, True), (FaultKind.SCHEDULER_STOPPED, False), (FaultKind.DELAYS_KILLED, False)],
)
async def test_finds_a_handler_that_starts_after_its_attempt(
    log: PlantedLog, kind: FaultKind, *, explains: bool
) -> None:
    await log.dispatch("a", 1, await log.submit("a"))
    released = await log.report("AttemptReleased", "a", 1)
    await log.dispatch("a", 2, released)
    success = await log.succeeds_in("a", 2)
    assert await log.broken() == set()
    late = success.timestamp + 50
    log.runs("a", 1, "start", at_ms=late)
    rule = {"no_handler_starts_after_the_end"}
    assert await log.broken() == rule
    assert await log.broken([Fault(kind, late - 20, late - 10)]) == (set() if explains else rule)
    assert await log.broken([Fault(STOPPED, late + 1, late + 2)]) == rule


async def test_finds_a_handler_that_starts_after_a_final_cancel(log: PlantedLog) -> None:
    await log.dispatch("a", 1, await log.submit("a"))
    await log.cancel("a")
    confirmed = await log.report("AttemptCancelled", "a", 1)
    await log.output("events", "JobCancelled", "a", confirmed)
    await log.row("a", status="cancelled", attempt=1)
    assert await log.broken() == set()
    log.runs("a", 1, "start", at_ms=confirmed.timestamp + 50)
    assert await log.broken() == {"no_handler_starts_after_the_end"}


@pytest.mark.parametrize(
    ("kind", "explains"), [(KILLED, True), (FaultKind.SCHEDULER_KILLED, False)]
)
async def test_finds_an_attempt_that_runs_twice(
    log: PlantedLog, kind: FaultKind, *, explains: bool
) -> None:
    dispatched = await log.dispatch("a", 1, await log.submit("a"))
    first, second = dispatched.timestamp + 1, dispatched.timestamp + 10
    log.runs("a", 1, "start", at_ms=first)
    log.runs("a", 1, "start", at_ms=second)
    await log.time_passes(dispatched.partition, second)
    log.runs("a", 1, "end", at_ms=second)
    await log.report("AttemptSucceeded", "a", 1)
    await log.row("a", status="succeeded", attempt=1)
    assert await log.broken() == {"attempts_run_once"}
    assert await log.broken([Fault(kind, second - 2, second - 1)]) == (
        set() if explains else {"attempts_run_once"}
    )
    assert await log.broken([Fault(kind, second + 1, second + 2)]) == {"attempts_run_once"}


@pytest.mark.parametrize(
    ("kind", "broken"), [("error", {"attempts_run_once"}), ("payload_rejected", set())]
)
async def test_finds_an_attempt_that_never_ran(
    log: PlantedLog, kind: str, broken: set[str]
) -> None:
    submission = await log.submit("a")
    await log.dispatch("a", 1, submission)
    failure = FAILURE | {"kind": kind, "retryable": False}
    failed = await log.report("AttemptFailed", "a", 1, failure=failure)
    await log.dead_letter_of_job("a", failed, "fatal")
    await log.row("a", status="dead_lettered", attempt=1, failures=1)
    assert await log.broken() == broken


async def test_finds_a_success_without_an_effect(log: PlantedLog) -> None:
    await log.dispatch("a", 1, await log.submit("a"))
    log.runs("a", 1, "start")
    success = await log.report("AttemptSucceeded", "a", 1)
    await log.row("a", status="succeeded", attempt=1)
    assert await log.broken() == {"successes_have_an_effect"}
    log.runs("a", 1, "end", at_ms=success.timestamp + EARLY_MS)
    assert await log.broken() == {"successes_have_an_effect"}
    log.runs("a", 1, "end", at_ms=success.timestamp)
    assert await log.broken() == set()


async def test_finds_a_loss_without_a_fault(log: PlantedLog) -> None:
    dispatched = await log.dispatch("a", 1, await log.submit("a"))
    lost = await log.report("AttemptLost", "a", 1)
    await log.dispatch("a", 2, lost)
    await log.succeeds_in("a", 2)
    rule = {"attempts_are_lost_only_by_faults"}
    before, between = dispatched.timestamp - EARLY_MS, lost.timestamp
    assert await log.broken() == rule
    assert await log.broken([Fault(KILLED, before, before)]) == rule
    assert await log.broken([Fault(FaultKind.SCHEDULER_KILLED, between, between)]) == rule
    assert await log.broken([Fault(KILLED, between, between)]) == set()


async def _elapses(log: PlantedLog, submission: Written, due: int) -> Written:
    await log.time_passes(submission.partition, due)
    return await log.append("DelayElapsed", "a", attempt=1, due=due)
