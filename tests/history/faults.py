"""The faults that a test injected, and what each kind of them explains."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from enum import StrEnum
from typing import Final, NamedTuple


class FaultKind(StrEnum):
    """What was done to whom."""

    WORKER_KILLED = "worker_killed"
    """A worker process, or the process it runs handlers in, ended without notice."""
    WORKER_STOPPED = "worker_stopped"
    """A worker was stopped (SIGSTOP), or its handlers blocked it, for longer than its leases."""
    BROKER_UNREACHABLE = "broker_unreachable"
    """A worker could not reach the broker."""
    SCHEDULER_KILLED = "scheduler_killed"
    """A scheduler process ended without notice."""
    SCHEDULER_STOPPED = "scheduler_stopped"
    """A scheduler was stopped for longer than its session."""
    DELAYS_KILLED = "delays_killed"
    """A delay service ended without notice."""
    TOPIC_DELETED = "topic_deleted"
    """A work or delay topic was deleted; it ends when all that was there is put out again."""


EXCUSES_LOST_ATTEMPTS: Final = frozenset(
    {FaultKind.WORKER_KILLED, FaultKind.WORKER_STOPPED, FaultKind.BROKER_UNREACHABLE}
)
"""Only these explain that an attempt is lost, run twice or started late.

A scheduler or delay service that dies repeats its records, byte for byte, and no execution.
"""

EXCUSES_LATE_STARTS: Final = EXCUSES_LOST_ATTEMPTS | {FaultKind.TOPIC_DELETED}
"""Only these explain that a handler starts after its attempt's end: its dispatch may be read before it is lost."""


class Fault(NamedTuple):
    """A fault, from its beginning to its end (included), in ms since the Unix epoch.

    A SIGKILL begins and ends at once. What was stopped or cut off ends when it goes on.
    """

    kind: FaultKind
    begin_ms: int
    end_ms: int


def excuses(
    faults: Iterable[Fault],
    begin_ms: int,
    end_ms: int,
    kinds: AbstractSet[FaultKind] = EXCUSES_LOST_ATTEMPTS,
) -> bool:
    """Return whether a fault of these kinds overlaps a span of time, ends included."""
    return any(
        fault.kind in kinds and fault.begin_ms <= end_ms and fault.end_ms >= begin_ms
        for fault in faults
    )
