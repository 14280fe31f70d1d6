"""Which rule judges which event."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from joblog.lifecycle.decisions import Context, Decision, Refusal, Verdict, refuse
from joblog.lifecycle.reasons import Reason
from joblog.lifecycle.rules_v1 import (
    attempts,
    delays,
    dispatch,
    operators,
    restoring,
    submission,
    ticks,
)
from joblog.lifecycle.rules_v1.endings import dead_letter
from joblog.schemas.models import (
    AttemptCancelled,
    AttemptFailed,
    AttemptHeartbeat,
    AttemptLost,
    AttemptReleased,
    AttemptStarted,
    AttemptSucceeded,
    DeadLetterDiscarded,
    DelayElapsed,
    JobCancelled,
    JobCancelRequested,
    JobEvent,
    JobExpired,
    JobRedriven,
    JobSubmitted,
    LeaseExpired,
)
from joblog.schemas.state import JobRow

Rule = Callable[[JobRow, Any, Context], Decision]

FACTS: Final = frozenset({JobCancelled, JobExpired, LeaseExpired})
"""Written by the scheduler when it had already acted on what they say."""

RULES: Final[Mapping[type[JobEvent], Rule]] = {
    AttemptStarted: attempts.started,
    AttemptHeartbeat: attempts.heartbeat,
    AttemptSucceeded: attempts.succeeded,
    AttemptFailed: attempts.failed,
    AttemptLost: attempts.lost,
    AttemptReleased: attempts.released,
    AttemptCancelled: attempts.cancelled,
    DelayElapsed: delays.elapsed,
    JobCancelRequested: operators.cancel_requested,
    JobRedriven: operators.redriven,
    DeadLetterDiscarded: operators.discarded,
}


class RulesV1:
    """The first rules."""

    def decide(self, row: JobRow | None, event: JobEvent, context: Context) -> Decision:
        """Judge an event of a job."""
        kind = type(event)
        if isinstance(event, JobSubmitted):
            return submission.submitted(row, event, context)
        if kind in FACTS:
            return Decision(row, verdict=Verdict.FACT)
        rule = RULES.get(kind)
        if rule is None:
            return refuse(
                row,
                Reason.ILLEGAL,
                f"{kind.__name__} may not stand on the events topic: remove its writer",
            )
        if row is None:
            return refuse(None, Reason.UNKNOWN_JOB, _unknown(event))
        return rule(row, event, context)

    def dispatch(self, row: JobRow, context: Context) -> Decision:
        """Take a pending job out of the backlog."""
        return dispatch.dispatch(row, context)

    def elapse(self, row: JobRow, context: Context) -> Decision:
        """Judge a row whose `wake_at` has come."""
        return ticks.elapse(row, context)

    def restore(self, row: JobRow, context: Context) -> Decision:
        """Judge a row whose record on a work or delay topic is gone with the topic."""
        return restoring.restore(row, context)

    def give_up(self, row: JobRow, refusal: Refusal, context: Context) -> Decision:
        """Dead-letter a job for a reason found outside of the rules."""
        return dead_letter(row, refusal.reason, refusal.detail, context)

    def wake_at(self, row: JobRow, context: Context) -> int | None:
        """Return the log time, ms, at which a tick must look at the row."""
        return ticks.wake_at(row, context)


def _unknown(event: JobEvent) -> str:
    return (
        f"{type(event).__name__} for job {event.job_id!r}, which was never submitted in this partition: "
        "submit the job first, and write events of a job with its id as key"
    )
