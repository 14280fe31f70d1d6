"""How long a question may take."""

import asyncio
from typing import Final, NamedTuple

ANSWER_TIME: Final = 5.0
"""Seconds that an answer may take beyond the wait that was asked for."""
LAST_ANSWER_TIME: Final = 0.5
"""Seconds that an answer may take at least, also where a caller's time is over before."""


class Deadline(NamedTuple):
    """When a caller's time is over, on the clock of the event loop."""

    at: float
    timeout: float

    @classmethod
    def after(cls, timeout: float) -> "Deadline":
        """Return the deadline that is so many seconds from now."""
        return cls(asyncio.get_running_loop().time() + timeout, timeout)

    @property
    def left(self) -> float:
        """Seconds until then, 0 afterwards."""
        return max(0.0, self.at - asyncio.get_running_loop().time())


class Request(NamedTuple):
    """A question about a job to one scheduler."""

    url: str
    job_id: str
    after: int
    wait: float
    answer_time: float

    @classmethod
    def by(cls, deadline: Deadline, url: str, job_id: str, after: int, wait: float) -> "Request":
        """Return a request whose wait is over by a deadline, and its answer there soon afterwards."""
        left = deadline.left
        wait = min(wait, left)
        return cls(url, job_id, after, wait, min(ANSWER_TIME, max(left - wait, LAST_ANSWER_TIME)))

    @property
    def query(self) -> dict[str, str]:
        """Parameters of its URL."""
        return {"id": self.job_id, "after": str(self.after), "wait": f"{self.wait:.3f}"}

    @property
    def seconds(self) -> float:
        """How long it may take in all."""
        return self.wait + self.answer_time
