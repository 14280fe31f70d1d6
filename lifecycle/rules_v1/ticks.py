"""What is due by the passing of log time alone."""

from joblog.lifecycle.decisions import Context, Decision, Verdict
from joblog.lifecycle.outputs import Destination, Output
from joblog.lifecycle.reasons import Reason
from joblog.lifecycle.rules_v1.attempts import after_loss
from joblog.lifecycle.rules_v1.endings import dead_letter, expire
from joblog.lifecycle.states import WAITING, Status
from joblog.schemas.models import LeaseExpired
from joblog.schemas.state import JobRow


def elapse(row: JobRow, context: Context) -> Decision:
    """End leases, deadlines and the wait for an unknown type."""
    if row.status == Status.RUNNING and _passed(row.lease_until, context):
        return _expire_lease(row, context)
    if row.status in WAITING and _passed(row.deadline, context):
        return expire(row, context)
    if (
        row.status == Status.PENDING
        and context.type is None
        and _passed(_grace_ends(row, context), context)
    ):
        detail = (
            f"type {row.type!r} was not declared by any worker within {context.limits.unknown_type_grace_ms} ms: "
            "start a worker that has it, then redrive"
        )
        return dead_letter(row, Reason.UNKNOWN_TYPE, detail, context)
    return Decision(row, verdict=Verdict.KEPT)


def wake_at(row: JobRow, context: Context) -> int | None:
    """Return when a tick must look at the row."""
    if row.status == Status.RUNNING:
        return row.lease_until
    if row.status == Status.PENDING and context.type is None:
        grace_ends = _grace_ends(row, context)
        return grace_ends if row.deadline is None else min(grace_ends, row.deadline)
    return row.deadline if row.status in WAITING else None


def _expire_lease(row: JobRow, context: Context) -> Decision:
    event = LeaseExpired(
        **context.stamps.next(),
        job_id=row.job_id,
        generation=row.generation,
        correlation_id=row.opening.correlation_id,
        attempt=row.attempt,
        worker=row.worker,
        lease_until=row.lease_until or 0,
    )
    fact = Output(Destination.EVENTS, event, traceparent=row.opening.traceparent)
    taken_back = after_loss(
        row, f"the lease of worker {row.worker} ended at {row.lease_until}", context
    )
    return taken_back._replace(outputs=(fact, *taken_back.outputs))


def _grace_ends(row: JobRow, context: Context) -> int:
    return row.updated_at + context.limits.unknown_type_grace_ms


def _passed(time: int | None, context: Context) -> bool:
    return time is not None and time <= context.now
