"""A job begins."""

from joblog.lifecycle.decisions import Context, Decision, Verdict, refuse
from joblog.lifecycle.outputs import Destination, Output
from joblog.lifecycle.reasons import Reason
from joblog.lifecycle.rules_v1.endings import expire
from joblog.lifecycle.states import Status
from joblog.schemas.models import Header, JobDeferred, JobSubmitted
from joblog.schemas.state import JobRow, Opening


def submitted(row: JobRow | None, event: JobSubmitted, context: Context) -> Decision:
    """Open a job, once for each job id."""
    if row is not None:
        return Decision(row, verdict=Verdict.DUPLICATE)
    if event.generation != 1:
        return refuse(
            None, Reason.ILLEGAL, f"generation {event.generation}: a submission has generation 1"
        )
    if event.dependencies:
        count = len(event.dependencies)
        detail = f"{count} dependencies: this log's rules have none; submit without them"
        return refuse(None, Reason.UNSUPPORTED, detail)
    opened = _row(event, context)
    if event.deadline is not None and event.deadline <= context.now:
        return expire(opened, context)
    if event.not_before is not None and event.not_before > context.now:
        return _defer(opened, event, event.not_before, context)
    return Decision(opened)


def _defer(row: JobRow, event: JobSubmitted, due: int, context: Context) -> Decision:
    deferred = JobDeferred(
        **context.stamps.next(),
        job_id=row.job_id,
        generation=row.generation,
        correlation_id=event.correlation_id,
        due=due,
    )
    output = Output(Destination.DELAY, deferred, traceparent=row.opening.traceparent)
    return Decision(row.changed(status=Status.SCHEDULED, due=due), (output,))


def _row(event: JobSubmitted, context: Context) -> JobRow:
    record = context.record
    policy = event.retry_policy
    opening = Opening.of(
        job_id=event.job_id,
        generation=1,
        type=event.type,
        queue=event.queue,
        priority=event.priority,
        tenant=event.tenant,
        submission=record.value or b"",
        traceparent=record.traceparent,
        headers=tuple(Header(key=name, value=value) for name, value in record.own_headers),
        submitted_at=context.now,
        opened_at=context.now,
        submission_offset=record.offset,
        position=record.offset,
        deadline=event.deadline,
        correlation_id=event.correlation_id,
        max_attempts=None if policy is None else policy.max_attempts,
        timeout_ms=event.timeout_ms,
    )
    return JobRow(opening, Status.PENDING, context.now)
