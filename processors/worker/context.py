"""What a handler may know about its attempt, and tell while it runs."""

import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Protocol

from joblog.processors.worker.call import Call
from joblog.processors.worker.verdicts import JobCancelledError

logger = logging.getLogger("joblog.job")


class Line(Protocol):
    """How a running handler and its worker hear of each other; safe in any thread."""

    @property
    def cancelled(self) -> bool:
        """Whether the job is to be cancelled."""

    def wait_cancelled(self, timeout: float | None) -> bool:
        """Wait, `timeout` seconds at most, until the job is to be cancelled; return whether it is."""

    def heartbeat(self, progress: float | None, message: str | None) -> None:
        """Tell how far the handler is."""


class Context:
    """One attempt, as its handler sees it. It may be used in any thread."""

    def __init__(self, call: Call, line: Line) -> None:
        """Take what is to be done, and the line to the worker."""
        self._dispatch = call.dispatch
        self._submission = call.submission
        self._traceparent = call.traceparent
        self._line = line

    @property
    def job_id(self) -> str:
        """The job id."""
        return self._dispatch.job_id

    @property
    def generation(self) -> int:
        """1 for the submission, one more for each redrive."""
        return self._dispatch.generation

    @property
    def type(self) -> str:
        """The job type."""
        return self._dispatch.type

    @property
    def attempt(self) -> int:
        """Ordinal of the attempt in its generation, from 1; lost attempts count."""
        return self._dispatch.attempt

    @property
    def max_attempts(self) -> int:
        """Charged attempts that the policy allows."""
        return self._dispatch.max_attempts

    @property
    def queue(self) -> str:
        """The queue."""
        return self._submission.queue

    @property
    def tenant(self) -> str:
        """Whose work it is."""
        return self._submission.tenant

    @property
    def labels(self) -> Mapping[str, str]:
        """The submission's labels."""
        return self._submission.labels

    @property
    def correlation_id(self) -> str:
        """Joins what belongs together; the job id unless the submission says otherwise."""
        return self._dispatch.correlation_id or self._dispatch.job_id

    @property
    def traceparent(self) -> str | None:
        """The W3C trace context that the job continues."""
        return self._traceparent

    @property
    def deadline(self) -> datetime | None:
        """No attempt starts later."""
        deadline = self._dispatch.deadline
        return None if deadline is None else datetime.fromtimestamp(deadline / 1_000, UTC)

    @property
    def idempotency_key(self) -> str:
        """A key for effects elsewhere: the same for all attempts of a generation, and for no other."""
        return f"{self.job_id}/{self.generation}"

    @property
    def cancelled(self) -> bool:
        """Whether the job is to be cancelled: a handler in a thread or process should then stop."""
        return self._line.cancelled

    def wait_cancelled(self, timeout: float | None = None) -> bool:
        """Sleep, in a thread or process, until the job is to be cancelled.

        Args:
            timeout: most seconds to sleep. Defaults to no limit.

        Returns:
            Whether the job is to be cancelled.
        """
        return self._line.wait_cancelled(timeout)

    def raise_if_cancelled(self) -> None:
        """Stop here if the job is to be cancelled.

        Raises:
            JobCancelledError: it is.
        """
        if self.cancelled:
            raise JobCancelledError(f"job {self.job_id} is to be cancelled")

    def heartbeat(self, progress: float | None = None, message: str | None = None) -> None:
        """Tell how far the handler is; the next sign of life of a long attempt carries it.

        Args:
            progress: share that is done, 0 to 1.
            message: where it is, for people.

        Raises:
            ValueError: progress is not within 0 to 1.
            TypeError: the message is no text, or progress no number.
        """
        if not isinstance(message, str | None):
            raise TypeError(f"the message is a {type(message).__name__}: give text")
        share = None if progress is None else float(progress)  # which a decimal is not
        if share is not None and not 0 <= share <= 1:
            raise ValueError(f"progress={progress}: give a share from 0 to 1")
        self._line.heartbeat(share, message)

    @property
    def logger(self) -> "logging.LoggerAdapter[Any]":
        """A logger that puts job id, type and attempt on each record, as attributes."""
        names = {"job_id": self.job_id, "job_type": self.type, "attempt": self.attempt}
        return logging.LoggerAdapter(logger, names)
