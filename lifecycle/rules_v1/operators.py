"""What people ask of a job."""

from typing import Final

from joblog.lifecycle.decisions import Context, Decision, Verdict, stale
from joblog.lifecycle.outputs import Destination, Output
from joblog.lifecycle.rules_v1.endings import cancel
from joblog.lifecycle.states import IN_FLIGHT, WAITING, Status
from joblog.schemas.models import DeadLetterDiscarded, JobCancelRequested, JobRedriven
from joblog.schemas.state import JobRow

REASON_CHARACTERS: Final = 1_024
"""What a row keeps of the reason for a cancel, and what workers are told of it."""


def cancel_requested(row: JobRow, event: JobCancelRequested, context: Context) -> Decision:
    """Cancel at once what is not dispatched; else tell the workers and wait for the attempt's end."""
    if event.generation != row.generation:
        return stale(row)
    reason = event.reason[:REASON_CHARACTERS]
    if row.status in WAITING:
        return cancel(row, reason, context)
    if row.status not in IN_FLIGHT:
        return stale(row)
    if row.cancel_requested:
        return Decision(row, verdict=Verdict.DUPLICATE)
    brief = {"reason": reason, "requested_by": event.requested_by[:REASON_CHARACTERS]}
    told = event.model_copy(update={**context.stamps.next(), **brief})
    output = Output(Destination.CONTROL, told, traceparent=row.opening.traceparent)
    return Decision(
        row.changed(cancel_requested=True, reason=reason, updated_at=context.now),
        (output,),
    )


def redriven(row: JobRow, event: JobRedriven, context: Context) -> Decision:
    """Open the next generation of a dead-lettered job; its old deadline no longer counts.

    Where others of its ordering key wait for it, it keeps its place before them.
    """
    if row.status != Status.DEAD_LETTERED or event.generation != row.generation + 1:
        return stale(row)
    keeps_its_place = row.opening.ordering_key is not None and not row.discarded
    opening = row.opening.reopened(
        generation=event.generation,
        opened_at=context.now,
        position=row.opening.position if keeps_its_place else context.record.offset,
        deadline=None,
    )
    return Decision(JobRow(opening, Status.PENDING, context.now))


def discarded(row: JobRow, event: DeadLetterDiscarded, context: Context) -> Decision:
    """Mark a dead letter as dealt with."""
    if row.status != Status.DEAD_LETTERED or event.generation != row.generation:
        return stale(row)
    if row.discarded:
        return Decision(row, verdict=Verdict.DUPLICATE)
    return Decision(row.changed(discarded=True, updated_at=context.now))
