"""Events about waiting: what goes into a delay topic, and the wake-up that comes out."""

from pydantic import Field

from joblog.schemas.models.envelope import Failure, JobEvent, Millis, Ordinal


class JobDeferred(JobEvent):
    """The scheduler says: the job waits for its not-before time, `due`."""

    due: Millis


class RetryScheduled(JobEvent):
    """The scheduler says: attempt number `attempt` follows at `due`."""

    attempt: Ordinal
    due: Millis
    failure: Failure | None = None


class DelayElapsed(JobEvent):
    """The delay service wakes a job; the scheduler judges by log time whether it is due."""

    attempt: int = Field(ge=1)
    due: Millis
