"""The state of a job, as this checker understands the contract."""

from typing import Final, NamedTuple

from tests.history.records import Event, Record

SCHEDULED: Final = "scheduled"
PENDING: Final = "pending"
BLOCKED: Final = "blocked"
"""Pending, but it waits for its turn: that follows from other jobs, and has rules of its own."""
DISPATCHED: Final = "dispatched"
RUNNING: Final = "running"
RETRYING: Final = "retrying"
SUCCEEDED: Final = "succeeded"
CANCELLED: Final = "cancelled"
EXPIRED: Final = "expired"
DEAD_LETTERED: Final = "dead_lettered"

WAITING: Final = frozenset({SCHEDULED, PENDING, RETRYING})
IN_FLIGHT: Final = frozenset({DISPATCHED, RUNNING})
TERMINAL: Final = frozenset({SUCCEEDED, CANCELLED, EXPIRED, DEAD_LETTERED})

NOWHERE: Final = -1
"""An offset at which nothing stands."""


class AttemptEnd(NamedTuple):
    """How the last attempt ended.

    Attributes:
        how: name of the event that ended it.
        offset: of the record that ended it.
        fatal: whether it failed with an error that no retry can mend.
        exhausted: whether it was the last one that the policy allows.
        time_limited: whether a deadline or a limit of elapsed time may forbid a retry.
        unasked: whether its worker cancelled it though nobody had asked for that.
    """

    how: str = ""
    offset: int = NOWHERE
    fatal: bool = False
    exhausted: bool = False
    time_limited: bool = False
    unasked: bool = False

    @property
    def is_loss(self) -> bool:
        """Whether the attempt was lost; one that was cancelled unasked counts as such."""
        return self.unasked or self.how in {"AttemptLost", "LeaseExpired"}


class State(NamedTuple):
    """State of a job.

    Attributes:
        status: status of the generation, empty before the submission.
        generation: current generation, 0 before the submission.
        attempt: ordinal of the last attempt dispatched.
        failures: charged failures.
        losses: attempts lost in a row.
        due: log time before which nothing may be dispatched, ms.
        reached: log time, ms, when that was last judged: what was due stays due, though the broker's clock
            may be set back.
        awaited: due time that a DelayElapsed must name, ms; 0 where none is awaited.
        deadline: no dispatch at or after this log time, ms.
        lease_until: log time at which the lease ends, ms.
        cancel_requested: whether a cancel waits for the attempt's end.
        may_cancel_at: offset of the record that makes a cancel final, if one does.
        end: how the last attempt ended.
        topic: topic of what was put out last, without its namespace.
        put_out_at: log time at which that was decided, ms.
        submission: the record that opened the job.
    """

    status: str = ""
    generation: int = 0
    attempt: int = 0
    failures: int = 0
    losses: int = 0
    due: int = 0
    reached: int = 0
    awaited: int = 0
    deadline: int | None = None
    lease_until: int = 0
    cancel_requested: bool = False
    may_cancel_at: int = NOWHERE
    end: AttemptEnd = AttemptEnd()
    topic: str = ""
    put_out_at: int = 0
    submission: Record | None = None

    @property
    def is_over(self) -> bool:
        """Whether nothing moves the generation on."""
        return self.status in TERMINAL

    def is_current(self, event: Event) -> bool:
        """Return whether an event is about the attempt in flight."""
        return (
            self.status in IN_FLIGHT
            and event.attempt == self.attempt
            and event.generation == self.generation
        )

    def is_alive_in(self, event: Event) -> bool:
        """Return whether an event is about the current generation, and that is not over."""
        return event.generation == self.generation and self.status != "" and not self.is_over
