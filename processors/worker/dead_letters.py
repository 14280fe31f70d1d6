"""Records of work topics that cannot be run go to the dead-letter topic, byte for byte."""

from typing import Final, NamedTuple

from joblog.lifecycle.dead_letters import headers_of, original_of, without_value
from joblog.lifecycle.reasons import Reason
from joblog.processors.worker.failures import clipped
from joblog.processors.worker.reports import SOURCE
from joblog.schemas.codec import Codec
from joblog.schemas.models import Cause, Event, JobDeadLettered, JobEvent
from joblog.streams.cloudevents import headers_for
from joblog.streams.records import Inbound, Outbound
from joblog.streams.topics import TopicMap

EMPTY: Final = (
    "the record has no value: only JobDispatched stands on work topics; remove its writer"
)


class Refusal(NamedTuple):
    """Why a record cannot be run.

    Attributes:
        reason: the word.
        detail: value, rule and fix for people.
        event: what could be read of it.
    """

    reason: Reason
    detail: str
    event: Event | None = None


def wrong_event(event: Event) -> Refusal:
    """Return why an event that is no dispatch cannot be run."""
    name = type(event).__name__
    words = f"{name} may not stand on a work topic, only JobDispatched may: remove its writer"
    return Refusal(Reason.ILLEGAL, words, event)


def dead_letter(record: Inbound, refusal: Refusal, topics: TopicMap, codec: Codec) -> Outbound:
    """Return the dead letter of a record; for the same record it is the same each time."""
    about = refusal.event if isinstance(refusal.event, JobEvent) else None
    letter = JobDeadLettered(
        event_id=f"{record.topic}-{record.partition}-{record.offset}",
        time=record.timestamp,
        job_id="" if about is None else about.job_id,
        generation=0 if about is None else about.generation,
        correlation_id=None if about is None else about.correlation_id,
        cause=Cause(topic=record.topic, partition=record.partition, offset=record.offset),
        reason=refusal.reason,
        detail=clipped(refusal.detail),
        original=original_of(record),
    )
    value = codec.encode(letter)
    if len(value) > topics.dead_letters.max_value_bytes:
        value = codec.encode(without_value(letter))
    headers = headers_for(
        "JobDeadLettered", letter.event_id, letter.time, SOURCE, record.traceparent
    )
    key = None if about is None else about.key
    return Outbound(
        topics.dead_letters.name, record.partition, key, value, [*headers, *headers_of(letter)]
    )
