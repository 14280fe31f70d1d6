"""The delay service wakes a job; this is the gate that holds it until it is due in log time."""

from joblog.lifecycle.decisions import Context, Decision, Verdict, stale
from joblog.lifecycle.outputs import Destination, Output
from joblog.lifecycle.states import Status
from joblog.schemas.models import DelayElapsed, JobDeferred, RetryScheduled
from joblog.schemas.state import JobRow

_DELAYED = frozenset({Status.SCHEDULED, Status.RETRYING})


def elapsed(row: JobRow, event: DelayElapsed, context: Context) -> Decision:
    """Make the job pending if it is due; otherwise send it back to wait for the rest."""
    if not _is_awaited(row, event):
        return stale(row)
    return wait_on(row, event.due, context) if context.now < event.due else woken(row, context)


def woken(row: JobRow, context: Context) -> Decision:
    """Make a job pending that is due."""
    return Decision(row.changed(status=Status.PENDING, due=None, updated_at=context.now))


def wait_on(row: JobRow, due: int, context: Context) -> Decision:
    """Send a job back to wait for the rest of its time."""
    again = _again(row, due, context)
    output = Output(Destination.DELAY, again, traceparent=row.opening.traceparent)
    return Decision(row, (output,), Verdict.KEPT)


def _is_awaited(row: JobRow, event: DelayElapsed) -> bool:
    expected = (row.generation, row.attempt + 1, row.due)
    return row.status in _DELAYED and (event.generation, event.attempt, event.due) == expected


def _again(row: JobRow, due: int, context: Context) -> JobDeferred | RetryScheduled:
    stamp = context.stamps.next()
    if row.status == Status.SCHEDULED:
        return JobDeferred(
            **stamp,
            job_id=row.job_id,
            generation=row.generation,
            correlation_id=row.opening.correlation_id,
            due=due,
        )
    return RetryScheduled(
        **stamp,
        job_id=row.job_id,
        generation=row.generation,
        correlation_id=row.opening.correlation_id,
        attempt=row.attempt + 1,
        due=due,
        failure=row.failure,
    )
