"""What a topic is: its partitions, how long its records are kept, and how large they may be."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from joblog.streams.roles import Role
from joblog.streams.settings.groups import ENVELOPE_BYTES

MIB: Final = 1024 * 1024
HOUR_MS: Final = 3_600_000
DAY_MS: Final = 24 * HOUR_MS
TOMBSTONE_RETENTION_MS: Final = DAY_MS
"""How long compaction keeps a tombstone. State older than this may have missed one: rebuild it."""


@dataclass(frozen=True)
class Retention:
    """How long records are kept: in words, and as Kafka's topic configs."""

    words: str
    config: Mapping[str, str]


_FOR_EVER: Final = {"cleanup.policy": "delete", "retention.bytes": "-1", "retention.ms": "-1"}
KEPT: Final = Retention("for ever", _FOR_EVER)
PURGED: Final = Retention(
    "until it is done; then its reader deletes it (DeleteRecords)",
    _FOR_EVER | {"segment.bytes": str(64 * MIB)},  # space comes back a segment at a time
)
COMPACTED: Final = Retention(
    "the newest of each key; compaction begins within an hour",
    {
        "cleanup.policy": "compact",
        "delete.retention.ms": str(TOMBSTONE_RETENTION_MS),
        "max.compaction.lag.ms": str(HOUR_MS),
        "min.cleanable.dirty.ratio": "0.3",
        "segment.bytes": str(64 * MIB),
    },
)
FORGOTTEN: Final = Retention(
    "the newest of each key, for 30 days",
    {
        **COMPACTED.config,
        "cleanup.policy": "compact,delete",
        "retention.ms": str(30 * DAY_MS),
        "segment.ms": str(DAY_MS),  # the segment that is written is never deleted
    },
)


@dataclass(frozen=True)
class Topic:
    """One topic, as it has to be.

    Attributes:
        name: full name.
        partitions: partition count.
        replication_factor: copies of each record, when joblog creates the topic.
        holds: what its records are.
        key: what their keys are.
        writers: who writes to it.
        readers: who reads it.
        max_value_bytes: largest value.
        retention: how long records are kept.
    """

    name: str
    partitions: int
    replication_factor: int
    holds: str
    key: str
    writers: tuple[Role, ...]
    readers: tuple[Role, ...]
    max_value_bytes: int
    retention: Retention

    @property
    def max_record_bytes(self) -> int:
        """Most bytes of a record: key, value, headers and their lengths."""
        return self.max_value_bytes + ENVELOPE_BYTES

    @property
    def max_message_bytes(self) -> int:
        """Most bytes of a batch: a record, its framing, and what useless compression adds to it."""
        return self.max_record_bytes + self.max_record_bytes // 64 + 1_024

    @staticmethod
    def record_bytes_within(message_bytes: int) -> int:
        """Return the most bytes of a record where batches may have so many: `max_message_bytes` turned round."""
        return (message_bytes - 1_024) * 64 // 65

    @cached_property
    def config(self) -> Mapping[str, str]:
        """The topic's configs in Kafka's names."""
        return {
            **self.retention.config,
            "max.message.bytes": str(self.max_message_bytes),
            "message.timestamp.type": "LogAppendTime",
            "min.insync.replicas": str(max(1, self.replication_factor - 1)),
        }
