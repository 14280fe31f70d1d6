"""Dead letters of jobs and of records."""

from typing import Final, TypedDict

from joblog.lifecycle.decisions import Context, Refusal
from joblog.lifecycle.outputs import Destination, Output
from joblog.lifecycle.reasons import Reason
from joblog.lifecycle.records import KEY_BYTES, TRACEPARENT, Inbound
from joblog.schemas.codec import Codec
from joblog.schemas.models import Cause, Event, Header, JobDeadLettered, JobEvent, OriginalRecord
from joblog.schemas.state import JobRow

DETAIL_CHARACTERS: Final = 2_048
"""A dead letter has to fit into a record, whatever its detail quotes."""

HEADER_CHARACTERS: Final = 256
"""What a header shows of the failure's type or the detail."""


class Subject(TypedDict):
    """The fields by which a dead letter says which job it is about, if any."""

    job_id: str
    generation: int
    correlation_id: str | None


def of_job(row: JobRow, reason: Reason, detail: str, context: Context) -> Output:
    """Return the dead letter of a job, with its submission as the producer wrote it."""
    trace = (
        ()
        if row.opening.traceparent is None
        else (Header(key=TRACEPARENT, value=row.opening.traceparent.encode()),)
    )
    original = OriginalRecord(
        topic=context.record.topic,
        partition=context.record.partition,
        offset=row.opening.submission_offset,
        timestamp=row.opening.submitted_at,
        key=row.job_id.encode(),
        value=row.opening.submission,
        headers=(*trace, *row.opening.headers),
    )
    event = JobDeadLettered(
        **context.stamps.next(),
        job_id=row.job_id,
        generation=row.generation,
        correlation_id=row.opening.correlation_id,
        reason=reason,
        detail=detail[:DETAIL_CHARACTERS],
        attempts=row.attempt,
        failure=row.failure,
        original=original,
    )
    return Output(Destination.DEAD_LETTERS, event, traceparent=row.opening.traceparent)


def of_record(
    original: OriginalRecord, event: JobEvent | None, refusal: Refusal, context: Context
) -> Output:
    """Return the dead letter of a record that is refused; `event` is what could be read of it."""
    letter = JobDeadLettered(
        **context.stamps.next(),
        **_subject(event),
        reason=refusal.reason,
        detail=refusal.detail[:DETAIL_CHARACTERS],
        original=original,
    )
    return Output(Destination.DEAD_LETTERS, letter, traceparent=context.record.traceparent)


def letter_of(
    record: Inbound, event: Event | None, refusal: Refusal, codec: Codec, max_bytes: int
) -> tuple[JobDeadLettered, bytes]:
    """Return the dead letter of a record that stands on no events topic, and its bytes.

    For the same record it is the same each time. Above `max_bytes` it leaves the value out.

    Args:
        record: the record.
        event: what could be read of it.
        refusal: why it is dead-lettered; any text may be its detail.
        codec: encodes the dead letter.
        max_bytes: most bytes of a dead letter's value.
    """
    letter = JobDeadLettered(
        event_id=f"{record.topic}-{record.partition}-{record.offset}",
        time=record.timestamp,
        **_subject(event),
        cause=Cause(topic=record.topic, partition=record.partition, offset=record.offset),
        reason=refusal.reason,
        detail=refusal.detail[:DETAIL_CHARACTERS].encode("utf-8", "replace").decode(),
        original=original_of(record),
    )
    return encoded_within(letter, codec, max_bytes)


def encoded_within(
    letter: JobDeadLettered, codec: Codec, max_bytes: int
) -> tuple[JobDeadLettered, bytes]:
    """Return a dead letter and its bytes; where they are more than `max_bytes`, it leaves the value out."""
    value = codec.encode(letter)
    if len(value) <= max_bytes:
        return letter, value
    small = _without_value(letter)
    return small, codec.encode(small)


def original_of(record: Inbound) -> OriginalRecord:
    """Return a record byte for byte."""
    return OriginalRecord(
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        timestamp=record.timestamp,
        key=record.key,
        value=record.value,
        headers=tuple(Header(key=name, value=value) for name, value in record.headers),
    )


def headers_of(letter: JobDeadLettered) -> tuple[tuple[str, bytes], ...]:
    """Return the headers by which Kafka's tools show where a dead letter comes from, and why.

    Names and forms are those of Spring for Apache Kafka (`KafkaHeaders.DLT_*`): numbers are big-endian.
    """
    original = letter.original
    return (
        ("kafka_dlt-original-topic", original.topic.encode()),
        ("kafka_dlt-original-partition", original.partition.to_bytes(4, "big", signed=True)),
        ("kafka_dlt-original-offset", original.offset.to_bytes(8, "big", signed=True)),
        ("kafka_dlt-original-timestamp", original.timestamp.to_bytes(8, "big", signed=True)),
        ("kafka_dlt-original-timestamp-type", b"LogAppendTime"),
        ("kafka_dlt-exception-fqcn", _class_of(letter)),
        ("kafka_dlt-exception-message", letter.detail[:HEADER_CHARACTERS].encode()),
    )


def _class_of(letter: JobDeadLettered) -> bytes:
    word = letter.reason if letter.failure is None else letter.failure.type
    return word[:HEADER_CHARACTERS].encode()


def _subject(event: Event | None) -> Subject:
    if not isinstance(event, JobEvent):
        return {"job_id": "", "generation": 0, "correlation_id": None}
    return {
        "job_id": event.job_id,
        "generation": event.generation,
        "correlation_id": event.correlation_id,
    }


def _without_value(letter: JobDeadLettered) -> JobDeadLettered:
    """Return a dead letter that is small enough: where the original is, but not its value and headers."""
    key = letter.original.key
    original = letter.original.model_copy(
        update={"key": key and key[:KEY_BYTES], "value": None, "headers": ()}
    )
    where = f"{original.topic}/{original.partition}@{original.offset}"
    return letter.model_copy(
        update={
            "original": original,
            "detail": f"{letter.detail} (value left out, it is at {where})",
        }
    )
