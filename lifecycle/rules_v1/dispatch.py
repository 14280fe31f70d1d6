"""A pending job becomes an attempt on a work topic."""

from joblog.lifecycle.decisions import Context, Decision
from joblog.lifecycle.outputs import Destination, Output
from joblog.lifecycle.rules_v1.endings import expire
from joblog.lifecycle.rules_v1.policies import max_attempts_of, timeout_of
from joblog.lifecycle.states import Status
from joblog.schemas.building import built
from joblog.schemas.models import JobDispatched
from joblog.schemas.state import JobRow


def dispatch(row: JobRow, context: Context) -> Decision:
    """Hand the next attempt to the lane of the job's type, unless its deadline has passed."""
    if row.deadline is not None and row.deadline <= context.now:
        return expire(row, context)
    lane = "default" if context.type is None else context.type.lane
    event = _dispatched(row, context)
    dispatched = row.changed(
        status=Status.DISPATCHED,
        attempt=row.attempt + 1,
        lane=lane,
        due=None,
        worker=None,
        started_at=None,
        dispatched_at=context.now,
        updated_at=context.now,
    )
    return Decision(dispatched, (Output(Destination.WORK, event, lane, row.opening.traceparent),))


def _dispatched(row: JobRow, context: Context) -> JobDispatched:
    opening = row.opening
    return built(
        JobDispatched,
        **context.stamps.next(),
        job_id=opening.job_id,
        generation=opening.generation,
        correlation_id=opening.correlation_id,
        attempt=row.attempt + 1,
        type=opening.type,
        max_attempts=max_attempts_of(opening, context.type),
        timeout_ms=timeout_of(opening, context.type),
        deadline=opening.deadline,
        isolated=row.losses > 0,
        submitted_at=opening.submitted_at,
        submission=opening.submission,
    )
