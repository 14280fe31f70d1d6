"""Dead letters of records that cannot be passed on; for the same record they are the same each time."""

from typing import Final

from joblog.lifecycle.dead_letters import headers_of, letter_of
from joblog.processors.bridge.errors import RefusedError
from joblog.schemas.codec import Codec
from joblog.streams.cloudevents import headers_for
from joblog.streams.records import Inbound, Outbound
from joblog.streams.topics import TopicMap

SOURCE: Final = "/joblog/bridge"


def dead_letter(record: Inbound, refused: RefusedError, topics: TopicMap, codec: Codec) -> Outbound:
    """Return the dead letter of a record, at its partition number."""
    topic = topics.dead_letters
    letter, value = letter_of(record, refused.event, refused.refusal, codec, topic.max_value_bytes)
    headers = headers_for(
        "JobDeadLettered", letter.event_id, letter.time, SOURCE, record.traceparent
    )
    key = letter.key if letter.job_id else None
    return Outbound(topic.name, record.partition, key, value, [*headers, *headers_of(letter)])
