"""Events about jobs and records that failed for good."""

from pydantic import Field

from joblog.schemas.models.envelope import Failure, JobEvent, Millis, Record


class Header(Record):
    """A Kafka record header."""

    key: str
    value: bytes | None = None


class OriginalRecord(Record):
    """The record that was dead-lettered, byte for byte; `timestamp` is its log time in ms."""

    topic: str
    partition: int
    offset: int
    timestamp: Millis
    key: bytes | None
    value: bytes | None
    headers: tuple[Header, ...] = ()


class JobDeadLettered(JobEvent):
    """A job failed for good, or a record could not be read.

    Attributes:
        job_id: empty where the record is no job's; the generation is then 0.
        reason: a word of the list in docs/dead-letters.md.
        detail: the value, the rule and the fix, for people.
        attempts: attempts made in this generation.
        failure: the last failure.
        original: the submission, or the record that could not be read.
    """

    job_id: str = ""
    generation: int = Field(default=0, ge=0)
    reason: str
    detail: str = ""
    attempts: int = 0
    failure: Failure | None = None
    original: OriginalRecord


class JobRedriven(JobEvent):
    """Somebody opens generation `generation` of a job whose generation before was dead-lettered."""

    requested_by: str
    reason: str = ""


class DeadLetterDiscarded(JobEvent):
    """Somebody marks the dead letter of a generation as dealt with."""

    requested_by: str
    reason: str = ""
