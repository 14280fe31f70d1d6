"""The changelog of one partition: where its durable state lies, and who writes it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple, Self

from joblog.lifecycle.partition.keys import JOB, LOG
from joblog.streams.topics import TOMBSTONE_RETENTION_MS, TopicMap

FINGERPRINT_BYTES: Final = 16


class Tail(NamedTuple):
    """The last record known of one partition of a changelog topic.

    Another log with a record of the same offset, append time, key and value is not to be expected. So
    the tail tells whether a topic is still the one that was read before, without a record for it.

    Attributes:
        offset: of the record.
        fingerprint: of its timestamp, key and value.
    """

    offset: int
    fingerprint: bytes

    @classmethod
    def at(cls, offset: int, timestamp: int, key: bytes, value: bytes | None) -> Self:
        """Return the tail that a record is."""
        fields = (b"%d" % timestamp, key, *(() if value is None else (value,)))
        digest = hashlib.blake2b(digest_size=FINGERPRINT_BYTES)
        for field in fields:
            digest.update(len(field).to_bytes(8, "big") + field)
        return cls(offset, digest.digest())


Tails = Mapping[str, Tail]
"""The tails by topic; none for a topic without records."""


@dataclass(frozen=True)
class Changelog:
    """One partition of the topics that hold the durable state.

    Attributes:
        partition: the partition, in all of the topics.
        topics: topic of each durable family.
        writer: transactional id of the one writer (KIP-98).
        batch_bytes: most bytes of a batch; a larger record goes in one of its own. Defaults to 256 KiB.
        tombstone_retention_ms: delete.retention.ms of the topics. Defaults to that of the map of topics.
    """

    partition: int
    topics: Mapping[bytes, str]
    writer: str
    batch_bytes: int = 256 * 1024
    tombstone_retention_ms: int = TOMBSTONE_RETENTION_MS

    @classmethod
    def of(cls, topics: TopicMap, partition: int) -> Self:
        """Return the changelog of a partition."""
        return cls(
            partition=partition,
            topics={JOB: topics.table_jobs.name, LOG: topics.table_log.name},
            writer=f"{topics.namespace}-state-{partition}",
            batch_bytes=min(cls.batch_bytes, topics.max_batch_bytes),
        )

    def families(self) -> dict[str, bytes]:
        """Return the family of each topic."""
        return {topic: family for family, topic in self.topics.items()}
