"""A pending job becomes an attempt on a work topic."""

from joblog.lifecycle.decisions import Context, Decision
from joblog.lifecycle.outputs import Destination, Output
from joblog.lifecycle.rules_v1.endings import expire
from joblog.lifecycle.rules_v1.policies import policy_of, timeout_of
from joblog.lifecycle.states import Status
from joblog.schemas.models import JobDispatched, JobSubmitted
from joblog.schemas.state import JobRow


def dispatch(row: JobRow, context: Context) -> Decision:
    """Hand the next attempt to the lane of the job's type, unless its deadline has passed."""
    if row.deadline is not None and row.deadline <= context.now:
        return expire(row, context)
    submission = context.submission(row)
    lane = "default" if context.type is None else context.type.lane
    event = _dispatched(row, submission, context)
    dispatched = row._replace(
        status=Status.DISPATCHED,
        attempt=row.attempt + 1,
        lane=lane,
        due=None,
        worker=None,
        started_at=None,
        dispatched_at=context.now,
        updated_at=context.now,
    )
    return Decision(dispatched, (Output(Destination.WORK, event, lane, row.traceparent),))


def _dispatched(row: JobRow, submission: JobSubmitted, context: Context) -> JobDispatched:
    return JobDispatched(
        **context.stamps.next(),
        job_id=row.job_id,
        generation=row.generation,
        correlation_id=submission.correlation_id,
        attempt=row.attempt + 1,
        type=row.type,
        queue=row.queue,
        priority=row.priority,
        tenant=row.tenant,
        payload=submission.payload,
        payload_schema=submission.payload_schema,
        payload_content_type=submission.payload_content_type,
        idempotency_key=submission.idempotency_key,
        timeout_ms=timeout_of(submission, context.type),
        deadline=row.deadline,
        max_attempts=policy_of(submission, context.type).max_attempts,
        isolated=row.losses > 0,
        submitted_at=row.submitted_at,
        labels=submission.labels,
    )
