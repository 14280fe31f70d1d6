"""Each generation of a job ends, once, and for a reason."""

import pytest

from tests.history.case import Acknowledged
from tests.kafka.history.planted import FATAL, PlantedLog


async def test_finds_that_an_acknowledged_submission_is_gone(log: PlantedLog) -> None:
    success = await log.succeeds("a")
    assert await log.broken() == set()
    log.acknowledged.append(Acknowledged("b", success.partition, success.offset + 100))
    assert await log.broken() == {"submissions_have_one_outcome"}


async def test_finds_that_another_record_stands_where_a_submission_was(log: PlantedLog) -> None:
    success = await log.succeeds("a")
    log.acknowledged.append(Acknowledged("b", success.partition, success.offset))
    assert await log.broken() == {"submissions_have_one_outcome"}


async def test_finds_a_job_that_never_ends(log: PlantedLog) -> None:
    await log.succeeds("a")
    submission = await log.submit("b")
    await log.row("b", status="pending", attempt=0)
    assert await log.broken() == {"submissions_have_one_outcome"}
    await log.dispatch("b", 1, submission)
    await log.succeeds_in("b", 1)
    assert await log.broken() == set()


async def test_finds_a_redriven_generation_that_never_ends(log: PlantedLog) -> None:
    submission = await log.submit("a")
    await log.dispatch("a", 1, submission)
    log.runs("a", 1, "start")
    failed = await log.report("AttemptFailed", "a", 1, failure=FATAL)
    await log.dead_letter_of_job("a", failed, "fatal")
    await log.row("a", status="dead_lettered", attempt=1, failures=1)
    assert await log.broken() == set()
    await log.append("JobRedriven", "a", generation=2, requested_by="ops")
    await log.row("a", status="pending", attempt=0, generation=2)
    assert await log.broken() == {"submissions_have_one_outcome"}


async def test_finds_an_outcome_after_the_first_one(log: PlantedLog) -> None:
    await log.succeeds("a")
    asked = await log.cancel("a")
    assert await log.broken() == set()
    await log.output("events", "JobCancelled", "a", asked)
    assert await log.broken() == {"generations_end_once"}


async def test_a_repeated_outcome_is_no_second_one(log: PlantedLog) -> None:
    await log.submit("a")
    asked = await log.cancel("a")
    for _ in range(2):
        await log.output("events", "JobCancelled", "a", asked)
    await log.row("a", status="cancelled", attempt=0)
    assert await log.broken() == set()


async def test_finds_a_cancel_that_nobody_asked_for(log: PlantedLog) -> None:
    submission = await log.submit("a")
    await log.output("events", "JobCancelled", "a", submission)
    await log.row("a", status="cancelled", attempt=0)
    assert await log.broken() == {"endings_have_a_reason"}


async def test_finds_a_cancel_that_does_not_wait_for_the_attempt(log: PlantedLog) -> None:
    await log.dispatch("a", 1, await log.submit("a"))
    asked = await log.cancel("a")
    await log.output("events", "JobCancelled", "a", asked)
    await log.row("a", status="cancelled", attempt=1)
    assert await log.broken() == {"endings_have_a_reason"}


@pytest.mark.parametrize("deadline", [None, 4_000_000_000_000])
async def test_finds_an_early_expiry(log: PlantedLog, deadline: int | None) -> None:
    submission = await log.submit("a", deadline=deadline)
    await log.output("events", "JobExpired", "a", submission, deadline=1)
    await log.row("a", status="expired", attempt=0)
    assert await log.broken() == {"endings_have_a_reason"}


@pytest.mark.parametrize("reason", ["exhausted", "fatal", "lost", "unknown_type", "no reason"])
async def test_finds_a_dead_letter_without_a_cause(log: PlantedLog, reason: str) -> None:
    submission = await log.submit("a")
    await log.dispatch("a", 1, submission)
    log.runs("a", 1, "start")
    failed = await log.report("AttemptFailed", "a", 1)
    await log.dead_letter_of_job("a", failed, reason)
    await log.row("a", status="dead_lettered", attempt=1, failures=1)
    assert await log.broken() == {"endings_have_a_reason"}
