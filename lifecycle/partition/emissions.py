"""Outputs in bytes, held to the log's size limits."""

from typing import Final, NamedTuple

from joblog.lifecycle.dead_letters import encoded_within, headers_of
from joblog.lifecycle.delays import tier_for
from joblog.lifecycle.outputs import Destination, Output
from joblog.schemas.codec import Codec
from joblog.schemas.models import (
    JobDeadLettered,
    JobDeferred,
    JobEvent,
    LimitsAnnounced,
    RetryScheduled,
)

LIMITED: Final = frozenset({Destination.WORK, Destination.DELAY})


class Emission(NamedTuple):
    """A record to send, but for its topic's name.

    Attributes:
        destination: kind of topic.
        name: lane or tier.
        partition: its partition, where its topic has as many as the log.
        key: record key.
        value: framed event.
        event: name, id and time of the event, None where a record is passed on as it is.
        traceparent: W3C trace context.
        headers: headers beside those that follow from the event: where a dead letter comes from; all
            headers of a record that is passed on.
    """

    destination: Destination
    name: str
    partition: int
    key: bytes | None
    value: bytes | None
    event: tuple[str, str, int] | None
    traceparent: str | None = None
    headers: tuple[tuple[str, bytes | None], ...] = ()


class OutputTooLarge(Exception):  # noqa: N818  # a signal between two functions, never seen outside
    """An output is larger than the log allows; `size` and `limit` are in bytes."""

    def __init__(self, size: int, limit: int) -> None:
        self.size = size
        self.limit = limit
        super().__init__(f"{size} bytes, {limit} are allowed")


def emission(output: Output, codec: Codec, partition: int, limits: LimitsAnnounced) -> Emission:
    """Encode an output.

    Raises:
        OutputTooLarge: a work or delay record is over the limit. A dead letter leaves its value out instead.
    """
    event = output.event
    headers: tuple[tuple[str, bytes | None], ...] = ()
    if isinstance(event, JobDeadLettered):
        headers = headers_of(event)
        _, value = encoded_within(event, codec, limits.max_dead_letter_bytes)
    else:
        value = codec.encode(event)
        if output.destination in LIMITED and len(value) > limits.max_record_bytes:
            raise OutputTooLarge(len(value), limits.max_record_bytes)
    key = event.key if isinstance(event, JobEvent) and event.job_id else None
    return Emission(
        output.destination,
        _name(output),
        partition,
        key,
        value,
        (type(event).__name__, event.event_id, event.time),
        output.traceparent,
        headers,
    )


def _name(output: Output) -> str:
    event = output.event
    if isinstance(event, JobDeferred | RetryScheduled):
        return tier_for(event.due - event.time).name
    return output.name
