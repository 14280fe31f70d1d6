"""Records of a schema that is not known yet."""

import json
from typing import Any

import pytest

from joblog.lifecycle.decisions import Verdict
from joblog.schemas.avro_schema import AvroSchema
from joblog.schemas.catalog import latest
from joblog.schemas.framing import frame
from joblog.schemas.models import JobDeadLettered, SchemaAnnounced
from tests.unit.lifecycle.partition_log import PartitionLog, submission

HEADERS = (("own", b"1"), ("null", None))
GRACE = 600_000


def newer_submission(version: int = 2) -> AvroSchema:
    definition = json.loads(latest("events")["JobSubmitted"].to_json())
    definition["fields"].append({"name": f"added_{version}", "type": "string", "default": ""})
    return AvroSchema.of(definition)


def submit(log: PartitionLog, schema: AvroSchema, job_id: str) -> Verdict:
    datum = submission(log.head(), job_id, "mail").model_dump()
    value = frame(schema.fingerprint, schema.write(datum))
    return log.append_raw(job_id.encode(), value, HEADERS).verdict


def announce_schema(log: PartitionLog, schema: AvroSchema, **changed: object) -> Verdict:
    fields: dict[str, Any] = {
        "fingerprint": schema.fingerprint,
        "name": schema.name,
        "definition": schema.to_json(),
    }
    return log.append(SchemaAnnounced(**log.head(), **{**fields, **changed})).verdict


@pytest.fixture
def log() -> PartitionLog:
    log = PartitionLog()
    log.announce("mail")
    return log


def test_they_wait_and_block_nothing(log: PartitionLog) -> None:
    assert submit(log, newer_submission(), "newer") == Verdict.HELD
    log.submit("usual")
    assert log.dispatched() == ["usual"]
    assert log.fold.row("newer") is None


def test_the_announcement_decides_them_in_their_order(log: PartitionLog) -> None:
    schema = newer_submission()
    for job_id in ("b", "a", "b"):
        submit(log, schema, job_id)
    log.now += 5_000
    announce_schema(log, schema)
    assert log.dispatched() == ["b", "a"]
    row = log.row("b")
    assert (row.opening.submission, row.opening.submission_offset) == (log.records[2].value, 2)
    assert [(header.key, header.value) for header in row.opening.headers] == list(HEADERS)
    assert row.opening.submitted_at == log.now, (
        "what is decided now is decided by the present log time"
    )
    assert log.fold.next_wake() is None


def test_later_records_of_the_schema_are_decided_at_once(log: PartitionLog) -> None:
    schema = newer_submission()
    announce_schema(log, schema)
    assert submit(log, schema, "newer") == Verdict.CHANGED


def test_each_waits_for_its_own_schema(log: PartitionLog) -> None:
    two, three = newer_submission(2), newer_submission(3)
    submit(log, two, "two")
    submit(log, three, "three")
    announce_schema(log, three)
    assert log.dispatched() == ["three"]
    announce_schema(log, two)
    assert log.dispatched() == ["three", "two"]


def test_after_the_grace_they_are_dead_lettered_as_they_were(log: PartitionLog) -> None:
    submit(log, newer_submission(), "newer")
    record = log.records[-1]
    log.tick(GRACE - 1)
    assert log.emitted(JobDeadLettered) == []
    log.tick(1)
    (letter,) = log.emitted(JobDeadLettered)
    assert (letter.reason, letter.job_id, letter.generation) == ("unknown_schema", "", 0)
    original = letter.original
    assert (original.offset, original.timestamp) == (record.offset, record.timestamp)
    assert (original.key, original.value) == (record.key, record.value)
    assert tuple((header.key, header.value) for header in original.headers) == HEADERS
    announce_schema(log, newer_submission())
    assert log.dispatched() == []


def test_they_outlive_the_owner(log: PartitionLog) -> None:
    schema = newer_submission()
    submit(log, schema, "newer")
    log.reopen()
    assert log.fold.next_wake() == log.now + GRACE
    announce_schema(log, schema)
    log.reopen()
    assert submit(log, schema, "later") == Verdict.CHANGED
    assert log.dispatched() == ["newer", "later"]


def test_a_schema_of_no_event_makes_poison_of_them(log: PartitionLog) -> None:
    definition = {"type": "record", "name": "Payload", "namespace": "acme", "fields": []}
    schema = AvroSchema.of(definition)
    assert log.append_raw(b"key", frame(schema.fingerprint, b"")).verdict == Verdict.HELD
    announce_schema(log, schema)
    (letter,) = log.emitted(JobDeadLettered)
    assert letter.reason == "poison"
    assert "acme.Payload is the schema of no event" in letter.detail


def test_more_of_them_than_one_scan_reads_are_all_decided(log: PartitionLog) -> None:
    schema = newer_submission()
    for number in range(1_001):
        submit(log, schema, f"job {number}")
    announce_schema(log, schema)
    assert all(log.fold.row(f"job {number}") is not None for number in range(1_001))


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"definition": "no JSON"}, "no Avro schema"),
        ({"definition": '{"type": "rekord"}'}, "no Avro schema"),
        ({"fingerprint": b"another!"}, "has the fingerprint"),
    ],
)
def test_an_announcement_that_is_wrong_is_illegal(
    log: PartitionLog, changed: dict[str, object], says: str
) -> None:
    assert announce_schema(log, newer_submission(), **changed) == Verdict.REFUSED
    (letter,) = log.emitted(JobDeadLettered)
    assert letter.reason == "illegal"
    assert says in letter.detail


def test_a_known_fingerprint_with_other_logical_types_is_illegal(log: PartitionLog) -> None:
    known = latest("events")["JobSubmitted"]
    other = known.to_json().replace("timestamp-millis", "time-millis")
    assert announce_schema(log, known, definition=other) == Verdict.REFUSED
    assert "other logical types" in log.emitted(JobDeadLettered)[0].detail
