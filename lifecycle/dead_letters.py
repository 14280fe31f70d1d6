"""Dead letters of jobs and of records."""

from typing import Final

from joblog.lifecycle.decisions import Context, Refusal
from joblog.lifecycle.outputs import Destination, Output
from joblog.lifecycle.reasons import Reason
from joblog.lifecycle.records import TRACEPARENT, Inbound
from joblog.schemas.models import Header, JobDeadLettered, JobEvent, OriginalRecord
from joblog.schemas.state import JobRow

DETAIL_CHARACTERS: Final = 2_048
"""A dead letter has to fit into a record, whatever its detail quotes."""

HEADER_CHARACTERS: Final = 256
"""What its header shows of the detail."""


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
        job_id="" if event is None else event.job_id,
        generation=0 if event is None else event.generation,
        correlation_id=None if event is None else event.correlation_id,
        reason=refusal.reason,
        detail=refusal.detail[:DETAIL_CHARACTERS],
        original=original,
    )
    return Output(Destination.DEAD_LETTERS, letter, traceparent=context.record.traceparent)


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
    original, failure = letter.original, letter.failure
    return (
        ("kafka_dlt-original-topic", original.topic.encode()),
        ("kafka_dlt-original-partition", original.partition.to_bytes(4, "big", signed=True)),
        ("kafka_dlt-original-offset", original.offset.to_bytes(8, "big", signed=True)),
        ("kafka_dlt-original-timestamp", original.timestamp.to_bytes(8, "big", signed=True)),
        ("kafka_dlt-original-timestamp-type", b"LogAppendTime"),
        ("kafka_dlt-exception-fqcn", (letter.reason if failure is None else failure.type).encode()),
        ("kafka_dlt-exception-message", letter.detail[:HEADER_CHARACTERS].encode()),
    )


def without_value(letter: JobDeadLettered) -> JobDeadLettered:
    """Return a dead letter that is small enough: where the original is, but not its value."""
    original = letter.original.model_copy(update={"value": None, "headers": ()})
    where = f"{original.topic}/{original.partition}@{original.offset}"
    return letter.model_copy(
        update={
            "original": original,
            "detail": f"{letter.detail} (value left out, it is at {where})",
        }
    )
