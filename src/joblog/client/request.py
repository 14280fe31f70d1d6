"""How long a question may take."""

import asyncio
from collections.abc import Mapping
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


class Question(NamedTuple):
    """What is asked of the scheduler that owns a partition.

    Attributes:
        partition: the partition.
        path: path of the URL.
        query: parameters of the URL, but `wait`.
        after: offset that must be folded; -1 for none.
        wait: most seconds that the scheduler may wait with its answer; None where it does not wait.
    """

    partition: int
    path: str
    query: Mapping[str, str]
    after: int = -1
    wait: float | None = None


class Request(NamedTuple):
    """A question to one scheduler.

    Attributes:
        url: where it goes.
        query: parameters of the URL.
        seconds: how long it may take in all.
    """

    url: str
    query: Mapping[str, str]
    seconds: float

    @classmethod
    def by(cls, deadline: Deadline, owner: str, question: Question) -> "Request":
        """Return a request whose wait is over by a deadline, and its answer there soon afterwards."""
        left = deadline.left
        wait = min(question.wait or 0.0, left)
        query = dict(question.query)
        if question.wait is not None:
            query["wait"] = f"{wait:.3f}"
        seconds = wait + min(ANSWER_TIME, max(left - wait, LAST_ANSWER_TIME))
        return cls(f"{owner}{question.path}", query, seconds)
