"""Records of work topics that cannot be run go to the dead-letter topic, byte for byte."""

from typing import Final, NamedTuple

from joblog.lifecycle import decisions
from joblog.lifecycle.dead_letters import headers_of, letter_of
from joblog.lifecycle.reasons import Reason
from joblog.processors.worker.reports import SOURCE
from joblog.schemas.codec import Codec
from joblog.schemas.models import Event
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
    topic = topics.dead_letters
    why = decisions.Refusal(refusal.reason, refusal.detail)
    letter, value = letter_of(record, refusal.event, why, codec, topic.max_value_bytes)
    headers = headers_for(
        "JobDeadLettered", letter.event_id, letter.time, SOURCE, record.traceparent
    )
    key = letter.key if letter.job_id else None
    return Outbound(topic.name, record.partition, key, value, [*headers, *headers_of(letter)])
