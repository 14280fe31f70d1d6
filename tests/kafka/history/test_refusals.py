"""Records that are refused, held or forwarded."""

from typing import Any

import pytest

from tests.kafka.history.avro_writer import WriterSchema, committed
from tests.kafka.history.log_writer import Written
from tests.kafka.history.planted import PlantedLog

GARBAGE = b"no Avro at all"
RULE = "bad_records_have_one_dead_letter"


async def test_finds_garbage_without_a_dead_letter(log: PlantedLog) -> None:
    await log.succeeds("a")
    at = await log.send("events", b"b", GARBAGE, 0)
    assert await log.broken() == {RULE}
    await log.dead_letter("", at, "poison", log.original(at, b"b", GARBAGE))
    assert await log.broken() == set()


async def test_finds_a_null_value_without_a_dead_letter(log: PlantedLog) -> None:
    await log.succeeds("a")
    at = await log.send("events", b"b", None, 0)
    assert await log.broken() == {RULE}
    await log.dead_letter("", at, "poison", log.original(at, b"b", None))
    assert await log.broken() == set()


async def test_finds_two_dead_letters_of_one_record(log: PlantedLog) -> None:
    await log.succeeds("a")
    at = await log.send("events", b"b", GARBAGE, 0)
    original = log.original(at, b"b", GARBAGE)
    for _ in range(2):
        await log.dead_letter("", at, "poison", original)
    assert await log.broken() == set()  # a repeat
    tick = await log.append("Tick", into=0)
    await log.dead_letter("", tick, "poison", original)
    assert await log.broken() == {RULE}


async def test_finds_a_key_that_is_not_the_job_id(log: PlantedLog) -> None:
    success = await log.succeeds("a")
    at = await log.send("events", b"other", log.values[success], success.partition)
    assert await log.broken() == {RULE}
    await log.dead_letter("a", at, "illegal", log.original(at, b"other", log.values[success]))
    assert await log.broken() == set()


async def test_finds_an_event_that_may_not_stand_there(log: PlantedLog) -> None:
    await log.succeeds("a")
    await log.append("OwnerAnnounced", into=0, partition=0, url="http://localhost", epoch=1)
    assert await log.broken() == {RULE}


async def test_finds_an_event_of_an_unknown_job(log: PlantedLog) -> None:
    await log.succeeds("a")
    at = await log.report("AttemptFailed", "b", 1)
    assert await log.broken() == {RULE}
    await log.dead_letter("b", at, "unknown_job", log.original(at, b"b", log.values[at]))
    assert await log.broken() == set()


async def test_finds_an_unknown_schema_that_does_not_wait(log: PlantedLog) -> None:
    await log.succeeds("a")
    at = await log.send("events", b"a", FUTURE.encode(_cancel("a")))
    assert await log.broken() == {RULE}
    await _holds(log, at, b"a")
    assert await log.broken() == set()


async def test_an_event_takes_effect_when_its_schema_is_announced(log: PlantedLog) -> None:
    submission = await log.submit("a")
    at = await log.send("events", b"a", FUTURE.encode(_cancel("a")))
    await _holds(log, at, b"a")
    tick = await log.append("Tick", into=submission.partition)
    await log.output("events", "JobCancelled", "a", tick)
    await log.row("a", status="cancelled", attempt=0)
    assert await log.broken() == {"endings_have_a_reason"}


async def test_an_announced_schema_decides_what_waited(log: PlantedLog) -> None:
    submission = await log.submit("a")
    await log.send("events", b"a", FUTURE.encode(_cancel("a")))
    announced = await log.append(
        "SchemaAnnounced", into=submission.partition, **FUTURE.announcement()
    )
    await log.output("events", "JobCancelled", "a", announced)
    await log.row("a", status="cancelled", attempt=0)
    assert await log.broken() == set()


async def test_finds_a_misplaced_submission_that_nobody_forwarded(log: PlantedLog) -> None:
    await log.succeeds("a")
    wrong = 1 - log.submissions["a"].partition
    other = committed("JobCancelRequested").encode(_cancel("a"))
    at = await log.send("events", b"a", other, wrong)
    assert await log.broken() == {"misplaced_records_are_forwarded"}
    await log.send("events", b"a", log.values[at])
    assert await log.broken() == set()


@pytest.mark.parametrize("wrong", ["key", "value", "headers", "timestamp", "offset"])
async def test_finds_a_dead_letter_without_the_original_bytes(log: PlantedLog, wrong: str) -> None:
    await log.succeeds("a")
    at = await log.send("events", b"b", GARBAGE, 0, [("own", b"header")])
    good = log.original(at, b"b", GARBAGE) | {"headers": [{"key": "own", "value": b"header"}]}
    bad = {
        "key": b"c",
        "value": GARBAGE[:-1],
        "headers": [{"key": "own", "value": b"other"}],
        "timestamp": at.timestamp + 1,
        "offset": at.offset + 1_000,
    }
    await log.dead_letter("", at, "poison", good | {wrong: bad[wrong]})
    found = {"dead_letters_hold_the_original"} | ({RULE} if wrong == "offset" else set())
    assert await log.broken() == found


async def test_a_dead_letter_of_a_work_record_holds_it_too(log: PlantedLog) -> None:
    await log.succeeds("a")
    at = await log.send("work.default", b"b", GARBAGE, 0)
    work = log.original(at, b"b", GARBAGE) | {"topic": f"{log.namespace}.work.default"}
    cause = {"topic": work["topic"], "partition": at.partition, "offset": at.offset}
    for value in (GARBAGE, b"other"):
        letter: dict[str, Any] = {"event_id": f"letter of {value!r}", "generation": 0}
        letter |= {"reason": "poison", "original": work | {"value": value}, "cause": cause}
        await log.output("dlq", "JobDeadLettered", "", at, **letter)
        found = await log.broken()
        assert ("dead_letters_hold_the_original" in found) is (value != GARBAGE)
        assert "outputs_name_their_cause" not in found


async def test_finds_a_value_left_out_of_a_small_dead_letter(log: PlantedLog) -> None:
    await log.succeeds("a")
    at = await log.send("events", b"b", GARBAGE, 0)
    await log.dead_letter("", at, "poison", log.original(at, b"b", None))
    assert await log.broken() == {"dead_letters_hold_the_original"}


async def test_a_value_may_be_left_out_where_it_is_too_large(log: PlantedLog) -> None:
    await log.succeeds("a")
    limits: dict[str, Any] = dict.fromkeys(
        (
            "dispatch_window",
            "max_submission_bytes",
            "max_record_bytes",
            "loss_limit",
            "unknown_type_grace_ms",
            "unknown_schema_grace_ms",
        ),
        1_000,
    )
    await log.append("LimitsAnnounced", into=0, version=1, max_dead_letter_bytes=5_000, **limits)
    at = await log.send("events", b"b", bytes(5_000), 0)
    await log.dead_letter("", at, "poison", log.original(at, b"b", None))
    assert await log.broken() == set()


def _future() -> WriterSchema:
    """A version of JobCancelRequested that no file has."""
    definition = committed("JobCancelRequested").definition
    urgency = {"name": "urgency", "type": "int", "default": 0}
    return WriterSchema.of(definition | {"fields": [*definition["fields"], urgency]})


FUTURE = _future()


def _cancel(job: str) -> dict[str, Any]:
    return {"event_id": "c", "time": 0, "job_id": job, "generation": 1, "requested_by": "ops"}


async def _holds(log: PlantedLog, at: Written, key: bytes) -> None:
    """Write that the scheduler holds a record."""
    held = {
        "original": log.original(at, key, log.values[at]),
        "fingerprint": FUTURE.header[2:],
        "wake_at": at.timestamp + 1_000,
    }
    value = committed("HeldRecord", "state").encode(held)
    await log.send("table.log", b"held", value, at.partition)
