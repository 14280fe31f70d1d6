"""The states of a job, and which event moves it from where to where.

docs/states.md is drawn from this table; tests hold every rules version to it.
"""

from enum import StrEnum
from typing import Final


class Status(StrEnum):
    """State of one generation of a job."""

    SCHEDULED = "scheduled"
    """Waits for its not-before time in a delay topic. The scheduler moves it on when DelayElapsed is due."""

    PENDING = "pending"
    """Waits in the backlog for its type to be known and for room in the dispatch window of its lane.
    The scheduler moves it on as soon as there is both."""

    BLOCKED = "blocked"
    """Waits for its turn: an earlier job of its ordering key is not done with, or is dead-lettered.
    The scheduler moves it on when all of them are done with."""

    DISPATCHED = "dispatched"
    """An attempt is on a work topic or runs since less than 2 s. A worker moves it on by its report;
    a worker that takes over a dead worker's partition reports what that one had claimed as lost. The
    scheduler takes it back where the work topic was made anew."""

    RUNNING = "running"
    """A worker runs the attempt and holds a lease. The worker moves it on by its report, the scheduler
    by the end of the lease."""

    RETRYING = "retrying"
    """Waits for the next attempt in a delay topic. The scheduler moves it on when DelayElapsed is due."""

    SUCCEEDED = "succeeded"
    """Terminal: an attempt ended well."""

    CANCELLED = "cancelled"
    """Terminal: a cancel came before an attempt could end otherwise."""

    EXPIRED = "expired"
    """Terminal: the deadline came before an attempt could start."""

    DEAD_LETTERED = "dead_lettered"
    """Terminal for this generation: it is on the dead-letter topic. A redrive opens the next generation."""


WAITING: Final = frozenset({Status.SCHEDULED, Status.PENDING, Status.BLOCKED, Status.RETRYING})
"""No attempt is in flight."""

IN_FLIGHT: Final = frozenset({Status.DISPATCHED, Status.RUNNING})
"""An attempt is in flight."""

TERMINAL: Final = frozenset(
    {Status.SUCCEEDED, Status.CANCELLED, Status.EXPIRED, Status.DEAD_LETTERED}
)
"""Nothing moves this generation on."""

DONE_WITH: Final = frozenset({Status.SUCCEEDED, Status.CANCELLED, Status.EXPIRED})
"""No later job of the same ordering key waits for it."""

DISPATCH: Final = "(dispatch)"
"""Not an event: room in the dispatch window."""

TURN: Final = "(turn)"
"""Not an event: all earlier jobs of the ordering key are done with."""

TICK: Final = "Tick"

_ATTEMPT_ENDS: Final = {
    Status.PENDING,
    Status.RETRYING,
    Status.CANCELLED,
    Status.DEAD_LETTERED,
}

TRANSITIONS: Final[dict[tuple[Status | None, str], set[Status]]] = {
    (None, "JobSubmitted"): {Status.SCHEDULED, Status.PENDING, Status.BLOCKED, Status.EXPIRED},
    (Status.SCHEDULED, "DelayElapsed"): {Status.PENDING, Status.BLOCKED},
    (Status.RETRYING, "DelayElapsed"): {Status.PENDING},
    (Status.BLOCKED, TURN): {Status.PENDING},
    (Status.PENDING, DISPATCH): {Status.DISPATCHED, Status.EXPIRED, Status.DEAD_LETTERED},
    (Status.DISPATCHED, "AttemptStarted"): {Status.RUNNING},
    (Status.DISPATCHED, "AttemptHeartbeat"): {Status.RUNNING},
    **{
        (status, event): ends
        for status in (Status.DISPATCHED, Status.RUNNING)
        for event, ends in {
            "AttemptSucceeded": {Status.SUCCEEDED},
            "AttemptFailed": _ATTEMPT_ENDS,
            "AttemptReleased": {Status.PENDING, Status.CANCELLED},
            "AttemptCancelled": {Status.PENDING, Status.CANCELLED, Status.DEAD_LETTERED},
        }.items()
    },
    (Status.DISPATCHED, "AttemptLost"): {Status.PENDING, Status.CANCELLED, Status.DEAD_LETTERED},
    (Status.DISPATCHED, TICK): {Status.PENDING, Status.CANCELLED},
    (Status.RUNNING, TICK): {Status.PENDING, Status.CANCELLED, Status.DEAD_LETTERED},
    **{
        (status, "JobCancelRequested"): {Status.CANCELLED} for status in Status if status in WAITING
    },
    (Status.SCHEDULED, TICK): {Status.EXPIRED, Status.PENDING, Status.BLOCKED},
    (Status.RETRYING, TICK): {Status.EXPIRED, Status.PENDING},
    (Status.BLOCKED, TICK): {Status.EXPIRED},
    (Status.PENDING, TICK): {Status.EXPIRED, Status.DEAD_LETTERED},
    (Status.DEAD_LETTERED, "JobRedriven"): {Status.PENDING, Status.BLOCKED},
}
"""(from, event) -> allowed targets; an event that leaves the status as it is needs no entry."""
