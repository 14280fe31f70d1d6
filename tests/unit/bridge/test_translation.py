"""A submission in Confluent framing becomes the same event in the log's, or a dead letter with the reason."""

from collections.abc import Mapping
from io import BytesIO
from typing import Any

import pytest
from fastavro import parse_schema, schemaless_writer

from joblog.lifecycle.partitioner import partition_of
from joblog.lifecycle.reasons import Reason
from joblog.processors.bridge.errors import RefusedError
from joblog.processors.bridge.outbound import dead_letter
from joblog.processors.bridge.translation import Translator
from joblog.schemas.avro_schema import AvroSchema
from joblog.schemas.catalog import latest
from joblog.schemas.codec import Codec
from joblog.schemas.errors import ConflictingSchemaError, JoblogError
from joblog.schemas.models import JobDeadLettered, JobSubmitted
from joblog.streams.errors import RecordTooLargeError
from joblog.streams.records import Inbound, Outbound
from joblog.streams.registry.errors import RegistryRefusedError, UnusableSchemaError
from joblog.streams.topics import TopicMap

TOPICS = TopicMap("t", has_registry=True)
SUBMITTED = latest("events")["JobSubmitted"]
MAIL = AvroSchema.of(
    {"type": "record", "name": "Mail", "fields": [{"name": "to", "type": "string"}]}
)
REGISTERED = {1: SUBMITTED, 2: MAIL, 3: latest("events")["Tick"]}
UNUSABLE, REFUSED, NO_REGISTRY = 9, 10, 11
KEY, HEADERS = b"job-1", (("ce_source", b"/shop"), ("traceparent", b"00-trace-span-01"))
BODY = MAIL.write({"to": "ada"})


class Log:
    """The registry, and what is announced."""

    def __init__(self) -> None:
        self.announced: list[AvroSchema] = []
        self.refusal: JoblogError | None = None
        self.registered: dict[int, AvroSchema] = dict(REGISTERED)
        self.translator = Translator(TOPICS, self.look, self.announce)

    async def look(self, schema_id: int) -> AvroSchema | None:
        if schema_id == UNUSABLE:
            raise UnusableSchemaError(schema_id, "is of type PROTOBUF")
        if schema_id in {REFUSED, NO_REGISTRY}:
            code = 42_201 if schema_id == REFUSED else None
            raise RegistryRefusedError(f"GET /schemas/ids/{schema_id}", 422, "not this one", code)
        return self.registered.get(schema_id)

    async def announce(self, schema: AvroSchema) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.announced.append(schema)


@pytest.fixture
def log() -> Log:
    return Log()


def framed(schema_id: int, body: bytes) -> bytes:
    return b"\0" + schema_id.to_bytes(4, "big") + body


def written(datum: Mapping[str, Any], definition: Mapping[str, Any]) -> bytes:
    body = BytesIO()
    schemaless_writer(body, parse_schema(dict(definition)), dict(datum))
    return body.getvalue()


def submission(**fields: Any) -> dict[str, Any]:  # noqa: ANN401 - each field has its own type
    return {
        "event_id": "e",
        "job_id": "job-1",
        "time": 1,
        "type": "mail.send",
        "payload": framed(2, BODY),
        "payload_schema": bytes(8),
        **fields,
    }


def value_of(**fields: Any) -> bytes:  # noqa: ANN401 - as above
    return framed(1, written(submission(**fields), SUBMITTED.definition))


def record(value: bytes | None) -> Inbound:
    return Inbound(TOPICS.submissions.name, 3, 17, 1_000, KEY, value, HEADERS)


def event_in(outbound: Outbound) -> JobSubmitted:
    event = Codec().decode(outbound.value or b"")
    assert isinstance(event, JobSubmitted)
    return event


async def refusal_of(log: Log, value: bytes | None) -> RefusedError:
    with pytest.raises(RefusedError) as caught:
        await log.translator.translated(record(value))
    return caught.value


async def test_it_is_the_same_event_with_the_payload_s_fingerprint(log: Log) -> None:
    outbound = await log.translator.translated(record(value_of(priority=7, labels={"a": "b"})))
    assert outbound.topic == "t.events"
    assert outbound.partition == partition_of(KEY, TOPICS.partitions)
    assert (outbound.key, tuple(outbound.headers)) == (KEY, HEADERS)
    event = event_in(outbound)
    assert (event.payload, event.payload_schema) == (BODY, MAIL.fingerprint)
    assert event == JobSubmitted(
        **submission(priority=7, labels={"a": "b"}, payload=BODY, payload_schema=MAIL.fingerprint)
    )
    assert log.announced == [MAIL]


@pytest.mark.parametrize("content_type", ["application/json", "text/plain"])
async def test_a_payload_that_is_no_avro_stays_as_it_is(log: Log, content_type: str) -> None:
    value = value_of(payload=b'{"to": "ada"}', payload_content_type=content_type)
    event = event_in(await log.translator.translated(record(value)))
    assert (event.payload, event.payload_content_type) == (b'{"to": "ada"}', content_type)
    assert log.announced == []


async def test_a_version_that_this_release_does_not_have_is_read_too(log: Log) -> None:
    fields = [*SUBMITTED.definition["fields"], {"name": "later", "type": "int", "default": 0}]
    newer = {**SUBMITTED.definition, "fields": fields}
    log.registered[4] = AvroSchema.of(newer)
    value = framed(4, written(submission(later=5), newer))
    assert event_in(await log.translator.translated(record(value))).type == "mail.send"


async def test_a_key_that_is_wrong_is_left_to_the_log(log: Log) -> None:
    outbound = await log.translator.translated(record(value_of())._replace(key=b"other"))
    assert (outbound.key, event_in(outbound).job_id) == (b"other", "job-1")


@pytest.mark.parametrize(
    ("value", "reason", "words"),
    [
        (None, Reason.POISON, "the value: 0 bytes that begin with nothing"),
        (b"\0\0\0\0", Reason.POISON, "the value: 4 bytes"),
        (b"\xc3\x01garbage!", Reason.POISON, "begin with c301676172: here a value is 00"),
        (framed(7, b""), Reason.UNKNOWN_SCHEMA, "the value has the schema 7, which the registry"),
        (b"\0\x80\0\0\0", Reason.POISON, "begin with 0080000000: here a value is 00"),
        (framed(9, b""), Reason.POISON, "schema 9 of the registry is of type PROTOBUF"),
        (framed(10, b""), Reason.UNKNOWN_SCHEMA, "the value: the schema registry answers GET"),
        (framed(2, BODY), Reason.POISON, "no JobSubmitted: Mail is the schema of no event"),
        (value_of()[:-3], Reason.POISON, "no JobSubmitted: the body is no joblog.JobSubmitted"),
        (value_of(priority=11), Reason.POISON, "no JobSubmitted: JobSubmitted breaks a rule"),
    ],
)
async def test_what_is_no_submission_is_refused(
    log: Log, value: bytes | None, reason: Reason, words: str
) -> None:
    refused = await refusal_of(log, value)
    assert (refused.refusal.reason, refused.event) == (reason, None)
    assert words in refused.refusal.detail


async def test_another_event_is_refused(log: Log) -> None:
    tick = framed(3, written({"event_id": "e", "time": 1}, REGISTERED[3].definition))
    refused = await refusal_of(log, tick)
    assert refused.refusal.reason == Reason.ILLEGAL
    assert (
        refused.refusal.detail
        == "Tick may not stand on t.submissions: write only JobSubmitted to it"
    )


async def test_a_schema_that_cannot_be_told_from_the_event_s_is_refused(log: Log) -> None:
    fields = [
        field | {"type": "long"} if field["name"] == "time" else field
        for field in SUBMITTED.definition["fields"]
    ]
    log.registered[1] = AvroSchema.of({**SUBMITTED.definition, "fields": fields})
    assert log.registered[1].fingerprint == SUBMITTED.fingerprint
    refused = await refusal_of(log, value_of())
    assert refused.refusal.reason == Reason.POISON
    assert "but other logical types" in refused.refusal.detail


@pytest.mark.parametrize(
    ("payload", "reason", "words"),
    [
        (BODY, Reason.POISON, "the payload: 4 bytes that begin with 06616461"),
        (framed(7, BODY), Reason.UNKNOWN_SCHEMA, "the payload has the schema 7"),
        (framed(9, BODY), Reason.POISON, "the payload: schema 9 of the registry"),
        (framed(10, BODY), Reason.UNKNOWN_SCHEMA, "with 422 (not this one)"),
    ],
)
async def test_a_payload_that_cannot_be_read_is_refused_with_its_job(
    log: Log, payload: bytes, reason: Reason, words: str
) -> None:
    refused = await refusal_of(log, value_of(payload=payload))
    assert refused.refusal.reason == reason
    assert words in refused.refusal.detail
    assert isinstance(refused.event, JobSubmitted)


async def test_a_payload_s_schema_that_conflicts_is_refused(log: Log) -> None:
    log.refusal = ConflictingSchemaError(MAIL.name, MAIL.fingerprint)
    refused = await refusal_of(log, value_of())
    assert refused.refusal.reason == Reason.ILLEGAL
    assert "but other logical types" in refused.refusal.detail


async def test_a_payload_s_schema_that_is_too_large_to_be_announced_is_refused(log: Log) -> None:
    log.refusal = RecordTooLargeError("t.schemas", 2_000_000, 1_000_000)
    refused = await refusal_of(log, value_of())
    assert refused.refusal.reason == Reason.TOO_LARGE
    assert "the payload's schema cannot be announced" in refused.refusal.detail
    assert isinstance(refused.event, JobSubmitted)


async def test_what_is_no_registry_refuses_no_record(log: Log) -> None:
    for value in (framed(NO_REGISTRY, b""), value_of(payload=framed(NO_REGISTRY, BODY))):
        with pytest.raises(RegistryRefusedError):
            await log.translator.translated(record(value))


async def test_what_the_log_does_not_take_is_refused(log: Log) -> None:
    big = record(value_of())._replace(headers=(("x", bytes(TOPICS.events.max_record_bytes)),))
    with pytest.raises(RefusedError) as caught:
        await log.translator.translated(big)
    assert caught.value.refusal.reason == Reason.TOO_LARGE


async def test_a_dead_letter_has_the_record_as_it_was_and_the_job(log: Log) -> None:
    bad = record(value_of(payload=BODY))
    refused = await refusal_of(log, bad.value)
    outbound = dead_letter(bad, refused, TOPICS, Codec())
    assert outbound == dead_letter(bad, refused, TOPICS, Codec())
    assert (outbound.topic, outbound.partition, outbound.key) == ("t.dlq", 3, b"job-1")
    letter = Codec().decode(outbound.value or b"")
    assert isinstance(letter, JobDeadLettered)
    assert (letter.original.topic, letter.original.offset) == ("t.submissions", 17)
    assert (letter.original.value, letter.job_id) == (bad.value, "job-1")
