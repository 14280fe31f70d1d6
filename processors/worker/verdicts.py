"""What a handler may raise to say how its job goes on; any other exception is an error to retry."""

from datetime import timedelta
from typing import Any, Final

from joblog.schemas.errors import JoblogError

LONGEST_DELAY: Final = timedelta(days=30)


class Fatal(JoblogError):  # noqa: N818 - reads as what it says: raise Fatal("no such account")
    """The attempt failed, and no retry can mend it: the job is dead-lettered."""


class RetryAfter(JoblogError):  # noqa: N818 - reads as what it says: raise RetryAfter(…)
    """The attempt failed; retry it after `delay` instead of the policy's delay.

    It is charged like any failure, and the policy's limits hold: its `max_delay_ms` too.

    Attributes:
        delay: how long to wait, 0 to 30 days.
    """

    def __init__(self, delay: timedelta, message: str = "") -> None:
        if not timedelta() <= delay <= LONGEST_DELAY:
            raise ValueError(f"the delay {delay} is not within 0 to {LONGEST_DELAY.days} days")
        self.delay = delay
        super().__init__(message or f"retry after {delay}")

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.delay, str(self))


class JobCancelledError(JoblogError):
    """The job is to be cancelled, and the handler has stopped for that."""


# In records and logs they are called what handlers' authors import.
for _public in (Fatal, RetryAfter, JobCancelledError):
    _public.__module__ = "joblog"
