"""Records as the checker keeps them: what they say, and digests of their bytes."""

from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Any, Final, NamedTuple

from aiokafka import ConsumerRecord

KafkaRecord = ConsumerRecord[bytes, bytes]
Headers = Iterable[tuple[str, bytes | None]]

LOG_APPEND_TIME: Final = 1
"""Kafka's timestamp type of records that have the broker's time."""

LOOKED_INTO: Final = frozenset(
    {
        "attempt",
        "deadline",
        "due",
        "failure",
        "failures",
        "fingerprint",
        "lane",
        "lanes",
        "lease_ms",
        "lease_until",
        "log_id",
        "loss_limit",
        "losses",
        "max_dead_letter_bytes",
        "maximum_retry_policy",
        "not_before",
        "offset",
        "ordering_key",
        "original",
        "partition",
        "partitions",
        "reason",
        "retry_after_ms",
        "retry_policy",
        "status",
        "submission_offset",
        "tenant",
        "topics",
        "type",
        "version",
    }
)
"""Fields that rules look into; payloads, results and the rest are not kept in memory."""


class At(NamedTuple):
    """Coordinates of a record."""

    topic: str
    partition: int
    offset: int

    def __str__(self) -> str:
        """Return the coordinates as the product's messages write them."""
        return f"{self.topic}/{self.partition}@{self.offset}"


class Content(NamedTuple):
    """The bytes of a record: its key, and digests of the rest, equal only for equal bytes.

    Attributes:
        key: record key.
        value: digest of the value, None for a null value.
        headers: digest of all headers, in order.
        own_headers: digest of those that do not follow from the event: neither CloudEvents nor trace.
        size: bytes of value and headers.
    """

    key: bytes | None
    value: bytes | None
    headers: bytes
    own_headers: bytes
    size: int

    @classmethod
    def of(cls, key: bytes | None, value: bytes | None, headers: Headers) -> "Content":
        """Return the content of a record."""
        every = tuple(headers)
        own = tuple(header for header in every if not _is_derived(header[0]))
        size = len(value or b"") + sum(len(name) + len(data or b"") for name, data in every)
        return cls(
            key, None if value is None else _digest(value), _digest_of(every), _digest_of(own), size
        )


class Cause(NamedTuple):
    """The record that an event answers, and the event's place among all that it caused."""

    topic: str
    partition: int
    offset: int
    place: int

    def __str__(self) -> str:
        """Return the coordinates of the record, and the place."""
        return f"{self.topic}/{self.partition}@{self.offset}#{self.place}"


class Original(NamedTuple):
    """The record that a dead letter holds."""

    at: At
    timestamp: int
    content: Content


class Event(NamedTuple):
    """An event.

    Attributes:
        name: such as `JobSubmitted`.
        event_id: its id.
        job_id: the job's, empty where it is no job's.
        generation: the job's, 0 where it is no job's.
        time: by its author's clock, ms.
        cause: what it answers, None where it came from outside.
        fields: those that rules look into; a dead letter's `original` is an `Original`.
    """

    name: str
    event_id: str
    job_id: str
    generation: int
    time: int
    cause: Cause | None
    fields: Mapping[str, Any]

    @property
    def attempt(self) -> int:
        """Ordinal of the attempt that it is about, 0 where it is about none."""
        return int(self.fields.get("attempt", 0))


class Record(NamedTuple):
    """A record.

    Attributes:
        at: where it stands.
        timestamp: of the record, ms.
        has_log_time: whether that is the broker's time of appending it.
        content: its bytes.
        event: what it says, None where it says nothing (so far).
        problem: why it says nothing.
        decided_at: offset of the record at which it was decided: its own, or that of the announcement
            of its schema.
    """

    at: At
    timestamp: int
    has_log_time: bool
    content: Content
    event: Event | None
    problem: str
    decided_at: int


def event_of(name: str, fields: Mapping[str, Any]) -> Event:
    """Return a decoded datum as an event."""
    cause = fields.get("cause")
    kept = {field: value for field, value in fields.items() if field in LOOKED_INTO}
    if "original" in kept:
        kept["original"] = _original(kept["original"])
    return Event(
        name,
        fields.get("event_id", ""),
        fields.get("job_id", ""),
        fields.get("generation", 0),
        fields.get("time", 0),
        None if cause is None else _cause(cause),
        kept,
    )


def record_of(record: KafkaRecord, event: Event | None, problem: str = "") -> Record:
    """Return what the checker keeps of a record."""
    return Record(
        At(record.topic, record.partition, record.offset),
        record.timestamp,
        record.timestamp_type == LOG_APPEND_TIME,
        Content.of(record.key, record.value, record.headers),
        event,
        problem,
        record.offset,
    )


def _cause(fields: Mapping[str, Any]) -> Cause:
    return Cause(fields["topic"], fields["partition"], fields["offset"], fields["index"])


def _original(fields: Mapping[str, Any]) -> Original:
    headers = [(header["key"], header["value"]) for header in fields["headers"]]
    return Original(
        At(fields["topic"], fields["partition"], fields["offset"]),
        fields["timestamp"],
        Content.of(fields["key"], fields["value"], headers),
    )


def _is_derived(name: str) -> bool:
    return name.startswith("ce_") or name in {"content-type", "traceparent"}


def _digest_of(headers: Sequence[tuple[str, bytes | None]]) -> bytes:
    return _digest(repr(headers).encode()) if headers else b""


def _digest(data: bytes) -> bytes:
    return blake2b(data, digest_size=16).digest()
