"""Reads a partition's changelog: committed records only, in large batches."""

from collections.abc import AsyncIterator, Mapping
from typing import Any, Final, Protocol, cast

from aiokafka import AIOKafkaConsumer, TopicPartition

from joblog.streams.kafka.topic_metadata import refuse_missing
from joblog.streams.store.changelog import Changelog
from joblog.streams.store.errors import ChangelogTruncatedError

FETCH_BYTES: Final = 1024 * 1024
"""Bytes of one topic in a fetch: 3,500 records of 300 bytes. Four times as much is hardly faster."""

POLL_MS: Final = 500

RETRY_BACKOFF_MS: Final = 50
"""aiokafka waits this long for each topic that it hears of for the first time."""


class ChangelogRecord(Protocol):
    """A record of a changelog. Kafka takes none without a key into a compacted topic."""

    offset: int
    timestamp: int
    key: bytes
    value: bytes | None


class ChangelogReader:
    """Reads one partition of the changelog topics up to their ends.

    Args:
        client: aiokafka's connection options.
        changelog: what it reads.
    """

    def __init__(self, client: Mapping[str, Any], changelog: Changelog) -> None:
        self._partitions = [
            TopicPartition(topic, changelog.partition) for topic in changelog.topics.values()
        ]
        self._consumer = AIOKafkaConsumer(
            **client,
            isolation_level="read_committed",
            auto_offset_reset="none",
            enable_auto_commit=False,
            max_partition_fetch_bytes=FETCH_BYTES,
            retry_backoff_ms=RETRY_BACKOFF_MS,
        )

    async def start(self) -> None:
        """Connect.

        Raises:
            TopicMissingError: a changelog topic does not exist.
        """
        await self._consumer.start()
        await refuse_missing(self._consumer, [topic for topic, _ in self._partitions])

    async def stop(self) -> None:
        """Close the connections."""
        await self._consumer.stop()

    async def ends(self) -> dict[str, int]:
        """Return the offset after the last committed record or marker, by topic.

        Raises:
            ChangelogTruncatedError: records at the start of a topic were deleted.
        """
        for (topic, partition), earliest in (
            await self._consumer.beginning_offsets(self._partitions)
        ).items():
            if earliest > 0:
                raise ChangelogTruncatedError(topic, partition, earliest)
        ends = await self._consumer.end_offsets(self._partitions)
        return {partition.topic: end for partition, end in ends.items()}

    async def read(
        self, starts: Mapping[str, int], ends: Mapping[str, int]
    ) -> AsyncIterator[tuple[str, list[ChangelogRecord]]]:
        """Yield records by topic, at least all from the starts (included) to the ends (excluded)."""
        unread = [part for part in self._partitions if starts[part.topic] < ends[part.topic]]
        self._consumer.assign(unread)
        for part in unread:
            self._consumer.seek(part, starts[part.topic])
        while unread:
            fetched = await self._consumer.getmany(*unread, timeout_ms=POLL_MS)
            for part, records in fetched.items():
                yield part.topic, cast("list[ChangelogRecord]", records)
            unread = [
                part for part in unread if await self._consumer.position(part) < ends[part.topic]
            ]
