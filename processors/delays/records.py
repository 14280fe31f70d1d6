"""What the records of the delay topics say."""

from typing import Final, NamedTuple

from joblog.lifecycle.reasons import Reason
from joblog.schemas.codec import Codec
from joblog.schemas.errors import UndecodableError, UnknownSchemaError
from joblog.schemas.models import JobDeferred, JobEvent, RetryScheduled
from joblog.streams.records import Inbound

FIRST_ATTEMPT: Final = 1


class WakeUp(NamedTuple):
    """What the scheduler is told when a job is due.

    Attributes:
        topic: topic of the delay record that it answers.
        partition: partition of that record, and of the job's events.
        offset: offset of that record.
        job_id: the job.
        generation: its generation.
        attempt: the attempt that was waited for.
        due: when it is due, in ms of log time.
        correlation_id: joins what belongs together.
        traceparent: W3C trace context.
    """

    topic: str
    partition: int
    offset: int
    job_id: str
    generation: int
    attempt: int
    due: int
    correlation_id: str | None
    traceparent: str | None


class Delayed(NamedTuple):
    """A record that waits.

    Attributes:
        record: the record.
        wake_up: what follows when it is due.
        decided_at: log time of the decision to wait, in ms.
        decided_by: offset of the event that was decided; None where the record does not say.
    """

    record: Inbound
    wake_up: WakeUp
    decided_at: int
    decided_by: int | None


class Refused(NamedTuple):
    """A record that does not belong on a delay topic.

    Attributes:
        record: the record.
        reason: why it is dead-lettered.
        detail: the value, the rule and the fix.
        event: the event that it is, as far as it is one of a job.
    """

    record: Inbound
    reason: Reason
    detail: str
    event: JobEvent | None = None


def read(record: Inbound, codec: Codec) -> Delayed | Refused:
    """Return what a record says, or why it is refused."""
    if record.value is None:
        detail = "no value: a delay record holds a JobDeferred or RetryScheduled; remove its writer"
        return Refused(record, Reason.POISON, detail)
    try:
        event = codec.decode(record.value)
    except UnknownSchemaError as error:
        return Refused(record, Reason.UNKNOWN_SCHEMA, str(error))
    except UndecodableError as error:
        return Refused(record, Reason.POISON, str(error))
    if isinstance(event, JobDeferred | RetryScheduled):
        return _delayed(record, event)
    detail = (
        f"{type(event).__name__} is no event of a delay topic, which takes JobDeferred and "
        "RetryScheduled: remove its writer"
    )
    return Refused(record, Reason.ILLEGAL, detail, event if isinstance(event, JobEvent) else None)


def _delayed(record: Inbound, event: JobDeferred | RetryScheduled) -> Delayed:
    wake_up = WakeUp(
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        job_id=event.job_id,
        generation=event.generation,
        attempt=event.attempt if isinstance(event, RetryScheduled) else FIRST_ATTEMPT,
        due=event.due,
        correlation_id=event.correlation_id,
        traceparent=record.traceparent,
    )
    decided_by = None if event.cause is None else event.cause.offset
    return Delayed(record, wake_up, event.time, decided_by)
