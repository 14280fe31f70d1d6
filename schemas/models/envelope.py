"""What events have in common, and the records that they share."""

from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

Identifier = Annotated[str, Field(min_length=1, max_length=512)]
"""An id: 1 to 512 characters."""

Name = Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[^\x00-\x1f\x7f]*$")]
"""A name of a type, queue, lane or tenant: 1 to 128 characters, none of them a control character."""

OrderingKey = Annotated[str, Field(min_length=1, max_length=512, pattern=r"^[^\x00-\x1f\x7f]*$")]
"""What jobs that follow one another share: 1 to 512 characters, none of them a control character."""

Fingerprint = Annotated[bytes, Field(min_length=8, max_length=8)]
"""CRC-64-AVRO of a schema: 8 bytes, little-endian."""

LATEST_MILLIS: Final = 253_402_300_799_999
"""The end of the year 9999, the last that RFC 3339 can write; sums of two such times fit into an Avro long."""

Millis = Annotated[int, Field(ge=0, le=LATEST_MILLIS)]
"""A time: milliseconds since the Unix epoch."""

Duration = Annotated[int, Field(ge=0, le=LATEST_MILLIS)]
"""A length of time in milliseconds."""

Ordinal = Annotated[int, Field(ge=1)]
"""A count that begins with 1."""


class Record(BaseModel):
    """A frozen Avro record; unknown fields are refused."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", ser_json_bytes="base64", val_json_bytes="base64"
    )


class Cause(Record):
    """The record that an event answers, and the event's place among all that it caused."""

    topic: str
    partition: int
    offset: int
    index: int = 0


class Failure(Record):
    """Why an attempt failed; type, message and stacktrace as OpenTelemetry's exception attributes.

    Attributes:
        kind: what failed: the handler (`error`), its `timeout`, its process (`process_died`), its payload
            (`payload_rejected`); `unknown_type` where its worker has no handler of the type.
        type: the exception, with its module.
        message: its text.
        stacktrace: where it was raised.
        retryable: whether another attempt may mend it.
    """

    kind: Literal["error", "timeout", "process_died", "payload_rejected", "unknown_type"]
    type: str
    message: str
    stacktrace: str | None = None
    retryable: bool = True


class RetryPolicy(Record):
    """When and how often failed attempts are repeated.

    Attributes:
        max_attempts: charged attempts until the job is dead-lettered. Defaults to 5.
        backoff: `fixed` keeps the initial delay, `exponential` multiplies it. Defaults to exponential.
        initial_delay_ms: delay before the second attempt. Defaults to 1 s.
        multiplier: growth of the delay for each further attempt. Defaults to 2.
        max_delay_ms: no delay is longer. Defaults to 1 h.
        jitter: share of the delay, 0 to 1, that is spread by job and attempt. Defaults to 0.2.
        max_elapsed_ms: no retry begins later than this after the submission. Defaults to no limit.
    """

    max_attempts: int = Field(default=5, ge=1)
    backoff: Literal["fixed", "exponential"] = "exponential"
    initial_delay_ms: Duration = 1_000
    multiplier: float = Field(default=2.0, ge=1, allow_inf_nan=False)
    max_delay_ms: Duration = 3_600_000
    jitter: float = Field(default=0.2, ge=0, le=1)
    max_elapsed_ms: Duration | None = None


class Event(Record):
    """An event of any kind.

    Attributes:
        event_id: unique for its source; the same id means the same event.
        time: when its author made it, in ms, by the author's clock; decides nothing.
    """

    event_id: Identifier
    time: Millis


class JobEvent(Event):
    """An event of one job.

    Attributes:
        job_id: the record key: a UUIDv7, or `<tenant>/<type>/<idempotency key>`.
        generation: 1 for the submission, one more for each redrive.
        cause: the record that this event answers; None when it came from outside.
        correlation_id: joins what belongs together; None means the job id.
    """

    job_id: Identifier
    generation: int = Field(default=1, ge=1)
    cause: Cause | None = None
    correlation_id: Annotated[str, Field(max_length=512)] | None = None

    @property
    def key(self) -> bytes:
        """The record key."""
        return self.job_id.encode()


class AttemptEvent(JobEvent):
    """A worker's report about one attempt."""

    attempt: Ordinal
    worker: Identifier
