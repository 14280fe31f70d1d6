"""Steps as records for Kafka: functions of the record that they answer, so that repeats are equal."""

from typing import Final

from joblog.lifecycle.dead_letters import headers_of, letter_of
from joblog.lifecycle.decisions import Refusal
from joblog.lifecycle.reasons import Reason
from joblog.processors.delays.records import Refused, WakeUp
from joblog.processors.delays.steps import DeadLetter, Hop, Step, Wake
from joblog.schemas.codec import Codec
from joblog.schemas.models import Cause, DelayElapsed
from joblog.streams.cloudevents import headers_for
from joblog.streams.records import Outbound
from joblog.streams.topics import TopicMap

SOURCE: Final = "/joblog/delays"


class Addresses:
    """Gives each step its record.

    Args:
        topics: the topics.
        codec: encodes events.
    """

    def __init__(self, topics: TopicMap, codec: Codec) -> None:
        self._topics = topics
        self._codec = codec

    def possible(self, step: Step) -> Step:
        """Return a step, or the dead letter instead of a hop whose topic does not take the record."""
        if not isinstance(step, Hop):
            return step
        topic, size = self._topics.delay(step.tier), step.entry.size
        if size <= topic.max_record_bytes:
            return step
        detail = (
            f"{size} bytes are too many for {topic.name}, which takes {topic.max_record_bytes}: raise "
            "limits.max_record_bytes to what it was, alter the topics, and redrive the record"
        )
        return DeadLetter(step.entry, Refused(step.record, Reason.TOO_LARGE, detail))

    def outbound(self, step: Step) -> Outbound:
        """Return the record to publish for a step; it goes to the partition number it came from."""
        match step:
            case Wake(wake_up=wake_up):
                return self._wake_up(wake_up)
            case Hop():
                return self._hop(step)
            case DeadLetter(refused=refused):
                return self._dead_letter(refused)

    def _wake_up(self, wake_up: WakeUp) -> Outbound:
        event = DelayElapsed(
            event_id=_event_id(wake_up.topic, wake_up.partition, wake_up.offset),
            time=wake_up.due,
            job_id=wake_up.job_id,
            generation=wake_up.generation,
            cause=Cause(topic=wake_up.topic, partition=wake_up.partition, offset=wake_up.offset),
            correlation_id=wake_up.correlation_id,
            attempt=wake_up.attempt,
            due=wake_up.due,
        )
        headers = headers_for(
            "DelayElapsed", event.event_id, event.time, SOURCE, wake_up.traceparent
        )
        topic, value = self._topics.events.name, self._codec.encode(event)
        return Outbound(topic, wake_up.partition, event.key, value, headers)

    def _hop(self, hop: Hop) -> Outbound:
        record = hop.record
        topic = self._topics.delay(hop.tier).name
        return Outbound(topic, record.partition, record.key, record.value, [*record.headers])

    def _dead_letter(self, refused: Refused) -> Outbound:
        record, topic = refused.record, self._topics.dead_letters
        refusal = Refusal(refused.reason, refused.detail)
        letter, value = letter_of(
            record, refused.event, refusal, self._codec, topic.max_value_bytes
        )
        headers = headers_for(
            "JobDeadLettered", letter.event_id, letter.time, SOURCE, record.traceparent
        )
        key = letter.key if letter.job_id else None
        return Outbound(topic.name, record.partition, key, value, [*headers, *headers_of(letter)])


def _event_id(topic: str, partition: int, offset: int) -> str:
    return f"{topic}-{partition}-{offset}"
