"""What every version of the rules takes and gives."""

from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple, Protocol

from joblog.lifecycle.outputs import Output
from joblog.lifecycle.reasons import Reason
from joblog.lifecycle.records import Inbound
from joblog.lifecycle.stamps import Stamps
from joblog.schemas.models import JobEvent, JobSubmitted, LimitsAnnounced, TypeAnnounced
from joblog.schemas.state import JobRow


class Verdict(StrEnum):
    """What became of a record."""

    CHANGED = "changed"
    """It changed a row."""
    KEPT = "kept"
    """It was right, and changed nothing."""
    DUPLICATE = "duplicate"
    """A submission of a job that exists."""
    STALE = "stale"
    """About an attempt, generation or state that is over."""
    FACT = "fact"
    """The scheduler's own, read back."""
    FORWARDED = "forwarded"
    """It stood in the wrong partition and was put into the right one."""
    HELD = "held"
    """Its schema is unknown so far; it waits."""
    REFUSED = "refused"
    """It was dead-lettered."""


class Refusal(NamedTuple):
    """Why a record is dead-lettered: the reason, and value, rule and fix for people."""

    reason: Reason
    detail: str


class Decision(NamedTuple):
    """What follows from an event: the row after it, what is put out, and how it was judged."""

    row: JobRow | None
    outputs: tuple[Output, ...] = ()
    verdict: Verdict = Verdict.CHANGED
    refusal: Refusal | None = None


class Context(NamedTuple):
    """What a decision may know beside the row and the event.

    Attributes:
        now: log time, ms.
        record: the record that is decided.
        stamps: ids, times and causes of the outputs.
        type: the job's type as announced so far, None where it is unknown.
        limits: limits as announced so far.
        submission: decodes the submission kept in a row.
    """

    now: int
    record: Inbound
    stamps: Stamps
    type: TypeAnnounced | None
    limits: LimitsAnnounced
    submission: Callable[[JobRow], JobSubmitted]


class Rules(Protocol):
    """A version of the rules: pure functions of row, event and context."""

    def decide(self, row: JobRow | None, event: JobEvent, context: Context) -> Decision:
        """Judge an event of a job."""

    def dispatch(self, row: JobRow, context: Context) -> Decision:
        """Take a pending job out of the backlog; its type is known."""

    def elapse(self, row: JobRow, context: Context) -> Decision:
        """Judge a row whose `wake_at` has come."""

    def restore(self, row: JobRow, context: Context) -> Decision:
        """Judge a row whose record on a work or delay topic is gone with the topic."""

    def give_up(self, row: JobRow, refusal: Refusal, context: Context) -> Decision:
        """Dead-letter a job for a reason found outside of the rules."""

    def wake_at(self, row: JobRow, context: Context) -> int | None:
        """Return the log time, ms, at which a tick must look at the row."""


def stale(row: JobRow | None) -> Decision:
    """Change nothing: the event is about something that is over."""
    return Decision(row, verdict=Verdict.STALE)


def refuse(row: JobRow | None, reason: Reason, detail: str) -> Decision:
    """Change nothing and dead-letter the record."""
    return Decision(row, verdict=Verdict.REFUSED, refusal=Refusal(reason, detail))
