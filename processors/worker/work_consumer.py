"""Reads the work topic of a lane as a member of the group of the lane's workers."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import NoOffsetForPartitionError, OffsetOutOfRangeError
from aiokafka.structs import ConsumerRecord

from joblog.processors.worker.errors import WorkGoneError
from joblog.processors.worker.membership import Membership
from joblog.streams import groups
from joblog.streams.kafka import connect, group_options
from joblog.streams.kafka.arrivals import arrival, hand_over_at_once
from joblog.streams.kafka.inbound import inbound
from joblog.streams.kafka.long_polls import hold_complete_fetches
from joblog.streams.kafka.topic_metadata import topic_id_of
from joblog.streams.records import Inbound
from joblog.streams.settings import Settings
from joblog.streams.topics import TopicMap

POLL_SECONDS: Final = 0.2

REBALANCE_MARGIN_MS: Final = 10_000
"""Time to publish and commit when partitions are taken away, beside the wait for running attempts."""

NEVER_MS: Final = 2**31 - 1
"""A member that reads nothing, since its buffer is full, is no dead one: heartbeats say that it lives."""

MS: Final = 1_000


def group_of(settings: Settings, lane: str) -> str:
    """Return the name of the consumer group of a lane's workers."""
    return groups.workers(settings.namespace, lane)


def consumer_options(settings: Settings, lane: str) -> dict[str, Any]:
    """Return the keyword arguments of the aiokafka consumer.

    Raises:
        SettingsError: a certificate or key cannot be used.
    """
    rebalance_ms = settings.worker.revoke_wait_ms + REBALANCE_MARGIN_MS
    return group_options(settings) | {
        "client_id": group_of(settings, lane),
        "group_id": group_of(settings, lane),
        "max_poll_interval_ms": NEVER_MS,
        "rebalance_timeout_ms": max(rebalance_ms, settings.session_timeout_ms),
    }


_Fetched = Mapping[TopicPartition, list[ConsumerRecord[Any, Any]]]


class WorkConsumer:
    """A member of the group of a lane's workers.

    Args:
        settings: where Kafka is, and which topics there are.
        lane: the lane.

    Attributes:
        topic: name of the work topic.
    """

    def __init__(self, settings: Settings, lane: str) -> None:
        self._settings = settings
        self._lane = lane
        self.topic = TopicMap.of(settings).work(lane).name
        self._consumer: AIOKafkaConsumer | None = None

    async def start(self, listener: ConsumerRebalanceListener) -> None:
        """Connect; the group is joined in the background.

        Raises:
            KafkaUnavailableError: no broker answers, or none lets this client in.
            SettingsError: a certificate or key cannot be used.
        """
        consumer = AIOKafkaConsumer(**consumer_options(self._settings, self._lane))
        await connect(consumer, self._settings)
        hand_over_at_once(consumer)
        hold_complete_fetches(consumer)
        self._consumer = consumer
        consumer.subscribe([self.topic], listener=listener)

    async def stop(self) -> None:
        """Leave the group and disconnect; nothing is committed by it."""
        if self._consumer is not None:
            await self._consumer.stop()

    async def topic_id(self) -> str | None:
        """Return the id of the work topic, None where there is none.

        Raises:
            KafkaError: Kafka does not answer.
        """
        return await topic_id_of(self._started, self.topic)

    def membership(self) -> Membership:
        """Return this member in the generation in which it was just given partitions."""
        seconds = self._settings.request_timeout_ms / MS
        return Membership(self._started, group_of(self._settings, self._lane), seconds)

    async def beginnings(
        self, partitions: Iterable[TopicPartition]
    ) -> Mapping[TopicPartition, int]:
        """Return the first offset that each partition still has."""
        found: Mapping[TopicPartition, int] = await self._started.beginning_offsets(
            list(partitions)
        )
        return found

    def seek(self, partition: TopicPartition, offset: int) -> None:
        """Read a partition from an offset on."""
        self._started.seek(partition, offset)

    async def fetch(
        self, partitions: Iterable[TopicPartition], most: int
    ) -> Mapping[TopicPartition, list[Inbound]]:
        """Return what was read of some partitions, waiting for it up to 200 ms.

        What was fetched of others is kept for later: at most one fetch each, whose size is bounded.

        Raises:
            WorkGoneError: the next records are not there.
            KafkaError: reading, or the membership in the group, has failed for good.
        """
        try:
            batches = await self._fetched(partitions, most)
            if not batches:
                await arrival(self._started, POLL_SECONDS)
                batches = await self._fetched(partitions, most)
        except NoOffsetForPartitionError:
            return {}  # of a partition that is just being taken over, before its position is known
        except OffsetOutOfRangeError as error:
            raise WorkGoneError(str(error.args[0] if error.args else error)) from error
        return {at: [inbound(record) for record in records] for at, records in batches.items()}

    async def _fetched(self, partitions: Iterable[TopicPartition], most: int) -> _Fetched:
        batches: _Fetched = await self._started.getmany(*partitions, max_records=most)
        return batches

    @property
    def _started(self) -> AIOKafkaConsumer:
        if self._consumer is None:
            raise RuntimeError("the consumer is not started: await start() first")
        return self._consumer
