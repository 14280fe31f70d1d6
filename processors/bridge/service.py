"""The bridge: reads the topic of submissions, passes them on, commits what is done."""

import asyncio
from collections.abc import Callable, Sequence
from time import monotonic
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import CommitFailedError, IllegalStateError

from joblog.lifecycle.reasons import Reason
from joblog.processors.bridge.announcements import Announcements
from joblog.processors.bridge.errors import RefusedError
from joblog.processors.bridge.outbound import dead_letter
from joblog.processors.bridge.patience import PatientLook
from joblog.processors.bridge.translation import Translator
from joblog.schemas.codec import Codec
from joblog.streams import groups
from joblog.streams.kafka import KafkaPublisher, connect, group_options
from joblog.streams.kafka.inbound import inbound
from joblog.streams.records import Inbound, Outbound
from joblog.streams.registry import SchemaRegistry
from joblog.streams.registry.errors import RegistryRefusedError, RegistryUnavailableError
from joblog.streams.settings import Settings
from joblog.streams.signals.metrics import Metrics
from joblog.streams.topics import TopicMap

POLL_MS: Final = 500
MOST_RECORDS: Final = 500
"""Records that are passed on together, and committed once all are acknowledged."""


class Bridge(ConsumerRebalanceListener):
    """One member of the group of bridges.

    What is done twice, after a crash or a rebalance, is the same: a repeated submission changes nothing.

    Args:
        settings: where Kafka and the registry are, and which topics there are.
        metrics: counts.
        now_ms: ms since the Unix epoch.

    Attributes:
        ready: whether the group has given this member its partitions.

    Raises:
        SettingsError: they name no registry.
    """

    def __init__(self, settings: Settings, metrics: Metrics, now_ms: Callable[[], int]) -> None:
        self.ready = False
        self._settings = settings
        self._metrics = metrics
        self._topics = TopicMap.of(settings)
        self._codec = Codec()
        self._registry = SchemaRegistry(settings.registry)
        self._publisher = KafkaPublisher(settings)
        announcements = Announcements(settings, self._publisher, now_ms)
        self._stopping = asyncio.Event()
        self._look = PatientLook(self._registry.schema, self._stopping, monotonic)
        self._translator = Translator(self._topics, self._look, announcements.announce)

    def stop(self) -> None:
        """Ask it to commit what is done, leave the group, and return from `run`."""
        self._stopping.set()

    async def run(self) -> None:
        """Serve until asked to stop.

        Raises:
            KafkaUnavailableError: no broker answers, or none lets this client in.
            RegistryUnavailableError: the registry fails a minute after it first did so in a poll, still or again;
                nothing more was committed.
            RegistryRefusedError: the same, where what answers is no registry.
            PublishError: something was not acknowledged; nothing more was committed.
            KafkaError: reading or committing has failed for good.
        """
        async with self._registry, self._publisher:
            consumer = AIOKafkaConsumer(**consumer_options(self._settings))
            await connect(consumer, self._settings)
            try:
                consumer.subscribe([self._topics.submissions.name], listener=self)
                while not self._stopping.is_set():
                    await self._pass_on_what_comes(consumer)
            except (RegistryUnavailableError, RegistryRefusedError):
                if not self._stopping.is_set():  # else it was not to wait longer
                    raise
            finally:
                await consumer.stop()

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        """Do no more than that: what is under way is repeated by the next owner."""
        del revoked  # a rebalance takes all
        self.ready = False

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        """Be ready."""
        del assigned  # whatever it is, the consumer knows it
        self.ready = True

    async def _pass_on_what_comes(self, consumer: AIOKafkaConsumer) -> None:
        batches = await consumer.getmany(timeout_ms=POLL_MS, max_records=MOST_RECORDS)
        self._look.begin_poll()
        for at, records in batches.items():
            await self._pass_on([inbound(record) for record in records])
            try:
                await consumer.commit({at: records[-1].offset + 1})
            except (CommitFailedError, IllegalStateError):
                return  # a rebalance has taken the partitions away

    async def _pass_on(self, records: Sequence[Inbound]) -> None:
        refused: list[Reason] = []
        outbound = [await self._outbound(record, refused) for record in records]
        await self._publisher.publish(outbound)
        self._metrics.bridged.inc(len(records) - len(refused))
        for reason in refused:
            self._metrics.dead_letters.labels(reason).inc()

    async def _outbound(self, record: Inbound, refused: list[Reason]) -> Outbound:
        try:
            return await self._translator.translated(record)
        except RefusedError as error:
            refused.append(error.refusal.reason)
            return dead_letter(record, error, self._topics, self._codec)


def consumer_options(settings: Settings) -> dict[str, Any]:
    """Return the keyword arguments of the aiokafka consumer.

    Without a committed offset reading begins with the first record: to repeat it does no harm.

    Raises:
        SettingsError: a certificate or key cannot be used.
    """
    group = groups.bridges(settings.namespace)
    return group_options(settings) | {
        "client_id": group,
        "group_id": group,
        "auto_offset_reset": "earliest",
    }
