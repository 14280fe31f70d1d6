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


def of_job(row: JobRow, reason: Reason, detail: str, context: Context) -> Output:
    """Return the dead letter of a job, with its submission as the producer wrote it."""
    trace = (
        ()
        if row.traceparent is None
        else (Header(key=TRACEPARENT, value=row.traceparent.encode()),)
    )
    original = OriginalRecord(
        topic=context.record.topic,
        partition=context.record.partition,
        offset=row.submission_offset,
        timestamp=row.submitted_at,
        key=row.job_id.encode(),
        value=row.submission,
        headers=(*trace, *row.headers),
    )
    event = JobDeadLettered(
        **context.stamps.next(),
        job_id=row.job_id,
        generation=row.generation,
        reason=reason,
        detail=detail[:DETAIL_CHARACTERS],
        attempts=row.attempt,
        failure=row.failure,
        original=original,
    )
    return Output(Destination.DEAD_LETTERS, event, traceparent=row.traceparent)


def of_record(
    original: OriginalRecord, event: JobEvent | None, refusal: Refusal, context: Context
) -> Output:
    """Return the dead letter of a record that is refused; `event` is what could be read of it."""
    letter = JobDeadLettered(
        **context.stamps.next(),
        job_id="" if event is None else event.job_id,
        generation=0 if event is None else event.generation,
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
