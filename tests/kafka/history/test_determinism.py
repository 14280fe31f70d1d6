"""Outputs and tables follow from the log."""

from typing import Any

import pytest

from tests.kafka.history.log_writer import Written
from tests.kafka.history.planted import PlantedLog

EQUAL = "repeats_are_byte_equal"
FOUNDED = "outputs_name_their_cause"
TABLES = "tables_agree_with_the_log"


async def test_finds_a_repeat_with_other_bytes(log: PlantedLog) -> None:
    await log.succeeds("a")
    submission = log.submissions["a"]
    await log.dispatch("a", 1, submission)
    assert await log.broken() == set()
    await log.dispatch("a", 1, submission, max_attempts=5)
    assert await log.broken() == {EQUAL}


async def test_finds_a_repeat_in_another_topic(log: PlantedLog) -> None:
    asked = await _cancelled(log)
    await log.output("control", "JobCancelled", "a", asked)
    assert await log.broken() == {EQUAL, "topics_hold_what_they_are_for"}


async def test_finds_a_repeat_under_another_event_id(log: PlantedLog) -> None:
    asked = await _cancelled(log)
    assert await log.broken() == set()
    await log.output("events", "JobCancelled", "a", asked, event_id="another")
    assert await log.broken() == {EQUAL, "generations_end_once"}


@pytest.mark.parametrize(
    "wrong", [{"time": 1}, {"cause": None}, {"cause": {"topic": "x", "partition": 0, "offset": 0}}]
)
async def test_finds_an_output_without_its_cause(log: PlantedLog, wrong: dict[str, Any]) -> None:
    asked = await _cancelled(log)
    assert await log.broken() == set()
    await log.output("control", "JobCancelRequested", "a", asked, place=1, requested_by="ops")
    assert await log.broken() == set()
    await log.output(
        "control", "JobCancelRequested", "a", asked, place=2, requested_by="ops", **wrong
    )
    assert await log.broken() == {FOUNDED}


async def test_finds_an_output_in_another_partition(log: PlantedLog) -> None:
    submission = await log.submit("a")
    await log.dispatch("a", 1, submission, into=1 - submission.partition)
    await log.succeeds_in("a", 1)
    assert await log.broken() == {FOUNDED}


@pytest.mark.parametrize(
    "wrong", [{"status": "running"}, {"attempt": 2}, {"generation": 2}, {"failures": 1}]
)
async def test_finds_a_row_that_says_something_else(log: PlantedLog, wrong: dict[str, Any]) -> None:
    await log.succeeds("a")
    assert await log.broken() == set()
    row: dict[str, Any] = {"status": "succeeded", "attempt": 1}
    await log.row("a", **(row | wrong))
    assert await log.broken() == {TABLES}


async def test_finds_a_job_without_a_row(log: PlantedLog) -> None:
    await log.submit("a")
    asked = await log.cancel("a")
    await log.output("events", "JobCancelled", "a", asked)
    assert await log.broken() == {TABLES}
    await log.row("a", status="cancelled", attempt=0)
    assert await log.broken() == set()


async def test_finds_a_row_without_a_job(log: PlantedLog) -> None:
    await log.succeeds("a")
    log.submissions["b"] = log.submissions["a"]
    await log.row("b", status="succeeded", attempt=1)
    assert await log.broken() == {TABLES}


async def test_finds_a_row_in_another_partition(log: PlantedLog) -> None:
    await log.succeeds("a")
    await log.row("a", status="succeeded", attempt=1, into=1 - log.submissions["a"].partition)
    assert await log.broken() == {TABLES}


async def test_judges_rows_by_what_was_folded_so_far(log: PlantedLog) -> None:
    """Rows of an earlier position are right; but the history is not at rest."""
    submission = await log.submit("a")
    await log.dispatch("a", 1, submission)
    log.runs("a", 1, "start")
    log.runs("a", 1, "end")
    await log.row("a", status="dispatched", attempt=1)
    await log.report("AttemptSucceeded", "a", 1)
    details = [found.detail for found in await log.violations(folded=submission.offset)]
    assert len(details) == 1
    assert f"folded up to offset {submission.offset}" in details[0]
    assert await log.broken() == {TABLES}


async def _cancelled(log: PlantedLog) -> Written:
    await log.submit("a")
    asked = await log.cancel("a")
    await log.output("events", "JobCancelled", "a", asked)
    await log.row("a", status="cancelled", attempt=0)
    return asked
