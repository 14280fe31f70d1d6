"""A job as its scheduler sees it."""

from datetime import UTC, datetime
from typing import Annotated, NamedTuple

from pydantic import BaseModel, BeforeValidator, ConfigDict

from joblog.lifecycle.states import TERMINAL, Status
from joblog.schemas.models import Failure


class Submitted(NamedTuple):
    """A submission that Kafka has acknowledged.

    Attributes:
        job_id: the job's id.
        partition: partition of the log in which the submission stands, with all that happens to the job.
        offset: its offset there.
    """

    job_id: str
    partition: int
    offset: int


def _from_ms(value: object) -> object:
    return datetime.fromtimestamp(value / 1_000, UTC) if isinstance(value, int) else value


Time = Annotated[datetime, BeforeValidator(_from_ms)]
"""A time in UTC, of the log where nothing else is said."""


class Job(BaseModel):
    """A job at a position of the log.

    Attributes:
        job_id: its id, also its record key.
        generation: 1 for the submission, one more for each redrive.
        status: its state.
        type: which handler runs it.
        queue: its queue.
        priority: 0 (last) to 9 (first).
        tenant: whose work it is.
        attempt: ordinal of the latest attempt in this generation, 0 before the first.
        failures: attempts in this generation that failed.
        losses: attempts lost in a row.
        lane: lane of the attempt in flight.
        worker: worker of the latest attempt, once it is known.
        cancel_requested: whether a cancel waits for the attempt in flight.
        submitted_at: when it was submitted.
        opened_at: when this generation began.
        updated_at: when it last changed.
        dispatched_at: when the latest attempt was dispatched.
        started_at: when the latest attempt started, by its worker's clock.
        finished_at: when this generation came to its end.
        due: until when it waits for its not-before time or its next attempt.
        deadline: no attempt starts later.
        failure: the latest failure.
        result: what the handler returned, as bytes in the schema `result_schema`.
        result_schema: fingerprint of the result's schema.
        reason: why it was cancelled or dead-lettered.
        discarded: whether its dead letter was marked as dealt with.
        submission_offset: offset of its submission.
        ordering_key: what the jobs share that it follows, None where it follows none.
        waits_for: while it is blocked, the job of its ordering key whose turn it is.
        partition: its partition of the log.
        offset: the offset up to which this answer reflects the partition.
    """

    model_config = ConfigDict(frozen=True, ser_json_bytes="base64", val_json_bytes="base64")

    job_id: str
    generation: int
    status: Status
    type: str
    queue: str
    priority: int
    tenant: str
    attempt: int
    failures: int
    losses: int
    lane: str | None
    worker: str | None
    cancel_requested: bool
    submitted_at: Time
    opened_at: Time
    updated_at: Time
    dispatched_at: Time | None
    started_at: Time | None
    finished_at: Time | None
    due: Time | None
    deadline: Time | None
    failure: Failure | None
    result: bytes | None
    result_schema: bytes | None
    reason: str | None
    discarded: bool
    submission_offset: int
    ordering_key: str | None = None
    waits_for: str | None = None
    partition: int
    offset: int

    @property
    def has_ended(self) -> bool:
        """Whether this generation is at its end."""
        return self.status in TERMINAL


def reason_of(job: Job) -> str:
    """Return why a job ended as it did, for people; empty where nothing says it."""
    if job.failure is not None:
        return f"{job.failure.type}: {job.failure.message}"
    return job.reason or ""
