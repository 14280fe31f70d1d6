"""Events written with a schema that nobody knows yet, in memory and on Kafka."""

import json
from typing import Any

from joblog.schemas.avro_schema import AvroSchema
from joblog.schemas.catalog import latest
from joblog.schemas.framing import frame
from joblog.schemas.models import JobSubmitted, SchemaAnnounced
from joblog.streams.records import Inbound, Outbound
from tests.conformance.conftest import OpenJoblog
from tests.conformance.joblog import CODEC, Joblog


def next_version() -> AvroSchema:
    """JobSubmitted as a later release may have it: with one field more."""
    definition: dict[str, Any] = json.loads(latest("events")["JobSubmitted"].to_json())
    definition["fields"].append({"name": "region", "type": "string", "default": "eu"})
    return AvroSchema.of(definition)


def announcement(joblog: Joblog, schema: AvroSchema, **changed: Any) -> SchemaAnnounced:  # noqa: ANN401
    fields = {
        "fingerprint": schema.fingerprint,
        "name": schema.name,
        "definition": schema.to_json(),
    }
    return SchemaAnnounced(**joblog.head(), **{**fields, **changed})


async def submit_with(joblog: Joblog, schema: AvroSchema, job_id: str) -> Inbound:
    datum = joblog.submission(job_id).model_dump() | {"region": "us"}
    value = frame(schema.fingerprint, schema.write(datum))
    return await joblog.append_raw(job_id.encode(), value, headers=(("own", b"1"),))


async def test_a_record_of_an_unknown_schema_waits_until_it_is_announced(joblog: Joblog) -> None:
    await joblog.announce("mail")
    schema = next_version()
    held = await submit_with(joblog, schema, "newer")
    await joblog.submit("usual")
    await joblog.dispatched("usual")
    await joblog.settle()
    assert joblog.row("newer") is None
    await joblog.declare(announcement(joblog, schema))
    dispatch = await joblog.dispatched("newer")
    assert dispatch.submission == held.value
    row = joblog.row("newer")
    assert row is not None
    assert (row.opening.submission, row.opening.submission_offset) == (held.value, held.offset)
    assert joblog.letters("newer") == []

    await submit_with(joblog, schema, "newer still")
    await joblog.dispatched("newer still")


async def test_a_schema_that_nobody_announces_in_time_dead_letters_its_records(
    open_joblog: OpenJoblog,
) -> None:
    joblog = await open_joblog(unknown_schema_grace_ms=100)
    held = await submit_with(joblog, next_version(), "newer")
    letter = await joblog.letter_about(held)
    assert letter.reason == "unknown_schema"
    assert letter.time >= held.timestamp + 100
    assert (letter.original.key, letter.original.value) == (held.key, held.value)
    assert [(header.key, header.value) for header in letter.original.headers] == [("own", b"1")]


async def test_records_wait_for_their_own_schema_only(joblog: Joblog) -> None:
    await joblog.announce("mail")
    await joblog.append_raw(b"other", frame(b"unknown!", b"body"))
    schema = next_version()
    await submit_with(joblog, schema, "newer")
    await joblog.declare(announcement(joblog, schema))
    await joblog.dispatched("newer")
    await joblog.settle()
    assert joblog.records(joblog.topics.dead_letters.name) == []


async def test_a_schema_with_a_known_fingerprint_but_other_logical_types_is_refused(
    joblog: Joblog,
) -> None:
    known = latest("events")["JobSubmitted"]
    assert JobSubmitted.__name__ in known.name
    changed = known.to_json().replace("timestamp-millis", "time-millis")
    event = announcement(joblog, known, definition=changed)
    record = await joblog.append_raw(None, CODEC.encode(event), partition=0)
    letter = await joblog.letter_about(record)
    assert letter.reason == "illegal"
    assert "other logical types" in letter.detail


async def test_an_announcement_that_is_no_schema_is_refused(joblog: Joblog) -> None:
    for changed in ({"definition": "{}"}, {"fingerprint": b"another!"}):
        event = announcement(joblog, next_version(), **changed)
        record = await joblog.append_raw(None, CODEC.encode(event), partition=0)
        assert (await joblog.letter_about(record)).reason == "illegal"


async def test_impossible_schemas_that_are_declared_are_not_passed_on(joblog: Joblog) -> None:
    """Each partition would refuse its copy, and be told again for ever."""
    schemas = joblog.topics.schemas
    for changed in ({"definition": "{}"}, {"fingerprint": b"another!"}):
        event = announcement(joblog, next_version(), **changed)
        await joblog.write([Outbound(schemas.name, 0, event.fingerprint, CODEC.encode(event), [])])
    possible = announcement(joblog, next_version())
    await joblog.declare(possible)
    announced = joblog.events(joblog.topics.events.name, SchemaAnnounced)
    assert {event.event_id for event in announced} == {possible.event_id}
    assert joblog.records(joblog.topics.dead_letters.name) == []
