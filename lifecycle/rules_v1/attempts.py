"""What workers report about attempts."""

from typing import Any, Final

from joblog.lifecycle.decisions import Context, Decision, stale
from joblog.lifecycle.outputs import Destination, Output
from joblog.lifecycle.reasons import Reason
from joblog.lifecycle.retry import delay_ms
from joblog.lifecycle.rules_v1.endings import cancel, close, dead_letter
from joblog.lifecycle.rules_v1.policies import policy_of
from joblog.lifecycle.states import IN_FLIGHT, Status
from joblog.schemas.models import (
    AttemptCancelled,
    AttemptFailed,
    AttemptHeartbeat,
    AttemptLost,
    AttemptReleased,
    AttemptStarted,
    AttemptSucceeded,
    Failure,
    JobSubmitted,
    RetryScheduled,
)
from joblog.schemas.models.envelope import AttemptEvent
from joblog.schemas.state import JobRow

RESULT_BYTES: Final = 65_536
TYPE_CHARACTERS: Final = 512
MESSAGE_CHARACTERS: Final = 2_048
STACKTRACE_CHARACTERS: Final = 16_384
"""What a row keeps of a report: a row has to fit into a record, whatever a worker sends."""

NO_HANDLER_DELAY_MS: Final = 5_000
"""How long a job waits that came to a worker without its handler: a deployment may be under way."""


def started(row: JobRow, event: AttemptStarted, context: Context) -> Decision:
    """From now on the attempt's lease counts."""
    if not _is_current(row, event):
        return stale(row)
    return Decision(_leased(row, event, context).changed(started_at=event.started_at))


def heartbeat(row: JobRow, event: AttemptHeartbeat, context: Context) -> Decision:
    """Renew the lease."""
    if not _is_current(row, event):
        return stale(row)
    return Decision(_leased(row, event, context))


def succeeded(row: JobRow, event: AttemptSucceeded, context: Context) -> Decision:
    """End the job well, also where a cancel was requested: the first terminal event wins."""
    if not _is_current(row, event):
        return stale(row)
    report = {"worker": event.worker, "started_at": event.started_at, "losses": 0}
    changed: dict[str, Any] = report | _result(event)
    return Decision(close(row, Status.SUCCEEDED, context, **changed))


def failed(row: JobRow, event: AttemptFailed, context: Context) -> Decision:
    """Charge the attempt; repeat it if the policy and the deadline allow."""
    if not _is_current(row, event):
        return stale(row)
    ended = _ended(row, context).changed(
        worker=event.worker,
        started_at=event.started_at,
        failure=_clipped(event.failure),
        failures=row.failures + 1,
        losses=0,
    )
    if row.cancel_requested:
        return cancel(ended, row.reason or "", context)
    if not event.failure.retryable:
        return dead_letter(ended, Reason.FATAL, event.failure.message, context)
    submission = context.submission(row)
    if event.failure.kind == "unknown_type" and _may_find_a_handler(ended, submission, context):
        return _again(
            ended.changed(failures=row.failures), submission, NO_HANDLER_DELAY_MS, context
        )
    return _retry(ended, submission, event, context)


def lost(row: JobRow, event: AttemptLost, context: Context) -> Decision:
    """Take back an attempt that a dead worker had claimed; one that has a lease is the lease's."""
    if not _is_current(row, event) or row.status != Status.DISPATCHED:
        return stale(row)
    return after_loss(row, event.reason, context)


def released(row: JobRow, event: AttemptReleased, context: Context) -> Decision:
    """Take back an attempt that a worker did not finish on its way out."""
    return taken_back(row, context) if _is_current(row, event) else stale(row)


def cancelled(row: JobRow, event: AttemptCancelled, context: Context) -> Decision:
    """A worker confirms a cancel; an attempt that it stopped unasked is lost."""
    if not _is_current(row, event):
        return stale(row)
    if row.cancel_requested:
        return cancel(_ended(row, context), row.reason or "", context)
    return after_loss(
        row, f"worker {event.worker} cancelled it, and nobody had asked for that", context
    )


def taken_back(row: JobRow, context: Context) -> Decision:
    """Take back an attempt that is not charged, unless the job is to be cancelled."""
    ended = _ended(row, context)
    if row.cancel_requested:
        return cancel(ended, row.reason or "", context)
    return Decision(ended)


def after_loss(row: JobRow, detail: str, context: Context) -> Decision:
    """Take back a lost attempt: it is not charged, but has a limit of its own."""
    ended = _ended(row, context).changed(losses=row.losses + 1)
    if row.cancel_requested:
        return cancel(ended, row.reason or "", context)
    if ended.losses > context.limits.loss_limit:
        rule = (
            f"{ended.losses} attempts in a row were lost, {context.limits.loss_limit} are allowed"
        )
        return dead_letter(ended, Reason.LOST, f"{rule}: {detail}", context)
    return Decision(ended)


def _retry(
    row: JobRow, submission: JobSubmitted, event: AttemptFailed, context: Context
) -> Decision:
    policy = policy_of(submission, context.type)
    if row.failures >= policy.max_attempts:
        detail = f"attempt {row.failures} of {policy.max_attempts} failed: {event.failure.message}"
        return dead_letter(row, Reason.EXHAUSTED, detail, context)
    delay = event.retry_after_ms
    if delay is None:
        delay = delay_ms(policy, row.failures, f"{row.job_id}/{row.generation}/{row.attempt}")
    delay = min(delay, policy.max_delay_ms)
    due = context.now + delay
    if _too_late(row, due, policy.max_elapsed_ms):
        detail = f"a retry at {due} comes after the time allowed: {event.failure.message}"
        return dead_letter(row, Reason.EXHAUSTED, detail, context)
    return Decision(row) if delay == 0 else _again(row, submission, delay, context)


def _again(row: JobRow, submission: JobSubmitted, delay: int, context: Context) -> Decision:
    due = context.now + delay
    scheduled = RetryScheduled(
        **context.stamps.next(),
        job_id=row.job_id,
        generation=row.generation,
        correlation_id=submission.correlation_id,
        attempt=row.attempt + 1,
        due=due,
        failure=row.failure,
    )
    output = Output(Destination.DELAY, scheduled, traceparent=row.opening.traceparent)
    return Decision(row.changed(status=Status.RETRYING, due=due), (output,))


def _may_find_a_handler(row: JobRow, submission: JobSubmitted, context: Context) -> bool:
    """Return whether the job is still in the time that it waits for its type, or for its workers after that."""
    since = max(row.opening.opened_at, submission.not_before or 0)
    until = since + 2 * context.limits.unknown_type_grace_ms
    return context.now < until and not _too_late(row, context.now + NO_HANDLER_DELAY_MS, None)


def _result(event: AttemptSucceeded) -> dict[str, Any]:
    size = len(event.result or b"")
    if size > RESULT_BYTES:
        return {"reason": f"the result of {size} bytes is left out: {RESULT_BYTES} are allowed"}
    return {"result": event.result, "result_schema": event.result_schema}


def _clipped(failure: Failure) -> Failure:
    message, stacktrace = failure.message, failure.stacktrace
    if (
        len(failure.type) <= TYPE_CHARACTERS
        and len(message) <= MESSAGE_CHARACTERS
        and len(stacktrace or "") <= STACKTRACE_CHARACTERS
    ):
        return failure
    clipped = {
        "type": failure.type[:TYPE_CHARACTERS],
        "message": message[:MESSAGE_CHARACTERS],
        "stacktrace": stacktrace and stacktrace[:STACKTRACE_CHARACTERS],
    }
    return failure.model_copy(update=clipped)


def _too_late(row: JobRow, due: int, max_elapsed_ms: int | None) -> bool:
    past_deadline = row.deadline is not None and due >= row.deadline
    return past_deadline or (
        max_elapsed_ms is not None and due - row.opening.opened_at > max_elapsed_ms
    )


def _is_current(row: JobRow, event: AttemptEvent) -> bool:
    return (
        row.status in IN_FLIGHT
        and event.attempt == row.attempt
        and event.generation == row.generation
    )


def _leased(row: JobRow, event: AttemptStarted | AttemptHeartbeat, context: Context) -> JobRow:
    return row.changed(
        status=Status.RUNNING,
        worker=event.worker,
        lease_until=context.now + event.lease_ms,
        updated_at=context.now,
    )


def _ended(row: JobRow, context: Context) -> JobRow:
    return row.changed(status=Status.PENDING, lane=None, lease_until=None, updated_at=context.now)
