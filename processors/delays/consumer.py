"""A member of the consumer group of delay services."""

from collections.abc import Collection, Mapping
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.errors import CommitFailedError, IllegalStateError
from aiokafka.structs import OffsetAndMetadata

from joblog.lifecycle.delays import TIERS, Tier
from joblog.streams import groups
from joblog.streams.kafka import connect, group_options
from joblog.streams.kafka.inbound import inbound
from joblog.streams.kafka.long_polls import hold_complete_fetches
from joblog.streams.records import Inbound
from joblog.streams.settings import Settings
from joblog.streams.topics import TopicMap

FETCH_BYTES: Final = 128 * 1024
"""Most bytes of a fetch, which is decoded without a pause: some 500 records."""

PARTITION_FETCH_BYTES: Final = 64 * 1024
"""Most bytes of one partition in it. Kafka exceeds both for one batch, where it is larger alone."""

POLL_MS: Final = 500

REVOKE_SECONDS: Final = 2.0
"""Longest wait for acknowledgements when partitions are taken away."""

Fetched = Mapping[tuple[Tier, int], list[Inbound]]
Offsets = Mapping[tuple[Tier, int], int]


def group_of(settings: Settings) -> str:
    """Return the name of the delay services' consumer group."""
    return groups.delays(settings.namespace)


def consumer_options(settings: Settings) -> dict[str, Any]:
    """Return the keyword arguments of the aiokafka consumer.

    Partitions are assigned by range: one member has the same numbers of all tiers, so a job that was
    woken too early comes back to the member that woke it.

    Without a committed offset reading begins with the first record that is there: what is done is
    purged, and to repeat a wake-up does no harm.

    Raises:
        SettingsError: a certificate or key cannot be used.
    """
    return group_options(settings) | {
        "client_id": group_of(settings),
        "group_id": group_of(settings),
        "auto_offset_reset": "earliest",
        "partition_assignment_strategy": [RangePartitionAssignor],
        "fetch_max_bytes": FETCH_BYTES,
        "max_partition_fetch_bytes": PARTITION_FETCH_BYTES,
        "rebalance_timeout_ms": settings.session_timeout_ms + int(REVOKE_SECONDS * 1_000),
    }


def numbers_of(partitions: set[TopicPartition]) -> list[int]:
    """Return the partition numbers in an assignment."""
    return sorted({partition.partition for partition in partitions})


class DelayConsumer:
    """Reads all delay topics as far as the group leaves them to this member.

    Args:
        settings: where Kafka is, and which topics there are.
        topic_ids: Kafka's ids of the topics, by name.
    """

    def __init__(self, settings: Settings, topic_ids: Mapping[str, str]) -> None:
        self._settings = settings
        self._ids = topic_ids
        topics = TopicMap.of(settings)
        self._names = {tier: topics.delay(tier).name for tier in TIERS}
        self._tiers = {name: tier for tier, name in self._names.items()}
        self._consumer: AIOKafkaConsumer | None = None

    async def start(self, listener: ConsumerRebalanceListener) -> None:
        """Connect; the group is joined in the background.

        Raises:
            KafkaUnavailableError: no broker answers, or none lets this client in.
            SettingsError: a certificate or key cannot be used.
        """
        consumer = AIOKafkaConsumer(**consumer_options(self._settings))
        await connect(consumer, self._settings)
        hold_complete_fetches(consumer)
        self._consumer = consumer
        consumer.subscribe(list(self._tiers), listener=listener)

    async def stop(self) -> None:
        """Leave the group and disconnect; nothing is committed by it."""
        if self._consumer is not None:
            await self._consumer.stop()

    async def fetch(self) -> Fetched:
        """Return what was read, waiting for it up to half a second.

        Raises:
            KafkaError: reading, or the membership in the group, has failed for good.
        """
        batches = await self._started.getmany(timeout_ms=POLL_MS)
        return {
            (self._tiers[topic], partition): [inbound(record) for record in records]
            for (topic, partition), records in batches.items()
        }

    def pause(self, tier: Tier, partition: int) -> None:
        """Read nothing more of a partition for now."""
        self._started.pause(self._at(tier, partition))

    def resume(self, tier: Tier, partition: int) -> None:
        """Read on in a partition."""
        self._started.resume(self._at(tier, partition))

    async def go_on(self, partitions: Collection[TopicPartition]) -> None:
        """Read partitions from where the group has come to; from their beginning where that was in another topic.

        Raises:
            KafkaError: the group does not say where.
        """
        coordinator: Any = self._started._coordinator  # noqa: SLF001 - no public way to what a commit says
        committed: Mapping[
            TopicPartition, OffsetAndMetadata
        ] = await coordinator.fetch_committed_offsets(list(partitions))
        gone = [
            at for at, found in committed.items() if found.metadata not in {"", self._ids[at.topic]}
        ]
        beginnings = await self._started.beginning_offsets(gone) if gone else {}
        for at, offset in beginnings.items():
            self._started.seek(at, offset)

    async def commit(self, offsets: Offsets) -> bool:
        """Commit offsets, each with the id of the topic that it is about.

        Returns:
            False if a rebalance has taken the partitions away: nothing was committed.

        Raises:
            KafkaError: the group does not take the commit.
        """
        commits = {
            at: OffsetAndMetadata(offset, self._ids[at.topic])
            for at, offset in ((self._at(*where), offset) for where, offset in offsets.items())
        }
        try:
            await self._started.commit(commits)
        except (CommitFailedError, IllegalStateError):
            return False
        return True

    def _at(self, tier: Tier, partition: int) -> TopicPartition:
        return TopicPartition(self._names[tier], partition)

    @property
    def _started(self) -> AIOKafkaConsumer:
        if self._consumer is None:
            raise RuntimeError("the consumer is not started: await start() first")
        return self._consumer
