"""Whether a partition is to stop, since what comes is poison and not jobs.

Single poison records are dead-lettered, and nothing around them waits. But where most of what comes cannot be
read, the reader or the writer is wrong (a bad deployment), and all jobs would become dead letters: then it is
better that they wait. See the pattern Circuit Breaker (M. Nygard, *Release It!*): a partition that is taken over
anew tries again.
"""

from collections import deque
from typing import Final

from joblog.lifecycle.decisions import Verdict
from joblog.lifecycle.partition.fold import Folded
from joblog.lifecycle.states import Status
from joblog.streams.settings import SchedulerSettings

WINDOW: Final = 1_000
"""Records of which the share is taken."""

UNREADABLE: Final = frozenset({"payload_rejected", "unknown_type"})
"""Failures with which a worker says that it cannot read a job, or has no handler for it."""


class Breaker:
    """Counts poison: records that are refused, and jobs given up since no worker can read them.

    Handlers that fail are none of it: that is between a type and its handler, and others must not wait for it.

    Args:
        settings: how much is too much.
    """

    def __init__(self, settings: SchedulerSettings) -> None:
        self._most_in_a_row = settings.poison_run
        self._most_of_all = (
            None if settings.poison_share is None else settings.poison_share * WINDOW
        )
        self._records = 0
        self._poison: deque[int] = deque()
        self._in_a_row = 0

    def take(self, folded: Folded) -> str | None:
        """Count what a record led to; return why the partition has to stop, None where it has not."""
        self._records += 1
        if not is_poison(folded):
            self._in_a_row = 0
            return None
        self._in_a_row += 1
        self._poison.append(self._records)
        while self._poison[0] <= self._records - WINDOW:
            self._poison.popleft()
        return self._reason()

    def _reason(self) -> str | None:
        if self._most_in_a_row is not None and self._in_a_row >= self._most_in_a_row:
            return f"{self._in_a_row} records in a row are poison (scheduler.poison_run)"
        found, enough = len(self._poison), self._records >= WINDOW
        if enough and self._most_of_all is not None and found >= self._most_of_all:
            return f"{found} of the last {WINDOW} records are poison (scheduler.poison_share)"
        return None


def is_poison(folded: Folded) -> bool:
    """Return whether a record was refused, or a job given up since no worker can read it."""
    if folded.verdict is Verdict.REFUSED:
        return True
    return folded.event == "AttemptFailed" and any(
        after.status == Status.DEAD_LETTERED
        and after.failure is not None
        and after.failure.kind in UNREADABLE
        for _, after in folded.changes
    )
