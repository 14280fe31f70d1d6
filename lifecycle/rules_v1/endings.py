"""The ways a job ends without success."""

from typing import Any

from joblog.lifecycle import dead_letters
from joblog.lifecycle.decisions import Context, Decision
from joblog.lifecycle.outputs import Destination, Output
from joblog.lifecycle.reasons import Reason
from joblog.lifecycle.states import Status
from joblog.schemas.models import JobCancelled, JobExpired
from joblog.schemas.state import JobRow


def close(
    row: JobRow,
    status: Status,
    context: Context,
    reason: str | None = None,
    **more: Any,  # noqa: ANN401 - fields of the row
) -> JobRow:
    """Return the row in a terminal state, with `more` of its fields changed."""
    return row.changed(
        status=status,
        reason=reason,
        updated_at=context.now,
        finished_at=context.now,
        lane=None,
        due=None,
        lease_until=None,
        cancel_requested=False,
        **more,
    )


def dead_letter(row: JobRow, reason: Reason, detail: str, context: Context) -> Decision:
    """End a generation on the dead-letter topic."""
    letter = dead_letters.of_job(row, reason, detail, context)
    return Decision(close(row, Status.DEAD_LETTERED, context, reason), (letter,))


def expire(row: JobRow, context: Context) -> Decision:
    """End a job whose deadline came first."""
    deadline = row.deadline or 0
    event = JobExpired(
        **context.stamps.next(),
        job_id=row.job_id,
        generation=row.generation,
        correlation_id=row.opening.correlation_id,
        deadline=deadline,
        attempts=row.attempt,
    )
    fact = Output(Destination.EVENTS, event, traceparent=row.opening.traceparent)
    return Decision(close(row, Status.EXPIRED, context), (fact,))


def cancel(row: JobRow, reason: str, context: Context) -> Decision:
    """End a job because somebody asked for it."""
    event = JobCancelled(
        **context.stamps.next(),
        job_id=row.job_id,
        generation=row.generation,
        correlation_id=row.opening.correlation_id,
        reason=reason,
        attempts=row.attempt,
    )
    fact = Output(Destination.EVENTS, event, traceparent=row.opening.traceparent)
    return Decision(close(row, Status.CANCELLED, context, reason), (fact,))
