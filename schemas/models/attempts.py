"""Events about attempts: the scheduler's dispatch and the workers' reports."""

from pydantic import Field

from joblog.schemas.models.envelope import (
    AttemptEvent,
    Cause,
    Duration,
    Failure,
    Fingerprint,
    JobEvent,
    Millis,
    Name,
    Ordinal,
)


class JobDispatched(JobEvent):
    """The scheduler hands an attempt to the workers of a lane.

    Attributes:
        cause: always there: workers tell by it whether they have seen the dispatch before.
        attempt: ordinal in the generation, from 1; lost attempts count.
        type: which handler runs it.
        max_attempts: charged attempts that the policy allows.
        timeout_ms: longest run of this attempt.
        deadline: it must not start later.
        isolated: run alone in a child process, since an earlier attempt was lost.
        submitted_at: log time of the submission, ms.
        submission: value of the JobSubmitted record, byte for byte.
    """

    cause: Cause
    attempt: Ordinal
    type: Name
    max_attempts: int = 1
    timeout_ms: Duration | None = None
    deadline: Millis | None = None
    isolated: bool = False
    submitted_at: Millis
    submission: bytes


class AttemptStarted(AttemptEvent):
    """A worker runs an attempt and holds a lease until `lease_ms` after this record's log time."""

    started_at: Millis
    lease_ms: Duration


class AttemptHeartbeat(AttemptEvent):
    """A worker still runs an attempt; the lease now ends `lease_ms` after this record's log time."""

    lease_ms: Duration
    progress: float | None = Field(default=None, ge=0, le=1)
    message: str | None = None


class AttemptSucceeded(AttemptEvent):
    """An attempt ended well; the job has succeeded."""

    started_at: Millis
    result: bytes | None = None
    result_schema: Fingerprint | None = None


class AttemptFailed(AttemptEvent):
    """An attempt ended with an error; it is charged.

    Attributes:
        retry_after_ms: the handler's wish, instead of the policy's delay.
    """

    started_at: Millis
    failure: Failure
    retry_after_ms: Duration | None = None


class AttemptLost(AttemptEvent):
    """An attempt was claimed by a worker that is gone; it is not charged."""

    lost_worker: str | None = None
    reason: str = ""


class AttemptReleased(AttemptEvent):
    """A worker gives back an attempt that it did not finish, on its way out; it is not charged."""

    reason: str = ""


class AttemptCancelled(AttemptEvent):
    """A worker stopped an attempt, or did not start it, because the job was to be cancelled."""


class LeaseExpired(JobEvent):
    """The scheduler says: a lease ended without an outcome; the attempt is lost."""

    attempt: Ordinal
    worker: str | None = None
    lease_until: Millis
