"""Writes records to Kafka, each once and in order, and says where they are."""

import asyncio
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Final, Self

from aiokafka import AIOKafkaProducer

from joblog.streams.errors import (
    PublishError,
    RecordTooLargeError,
    UnknownTopicError,
)
from joblog.streams.kafka.client import connect, producer_options
from joblog.streams.kafka.partition_sender import PartitionSender
from joblog.streams.record_checks import check_types, size_of
from joblog.streams.records import Outbound, Position
from joblog.streams.settings import Settings
from joblog.streams.topics import TopicMap

MS_IN_A_SECOND: Final = 1_000


class KafkaPublisher:
    """A Publisher over one idempotent producer (KIP-98), for any number of callers at once.

    Records of one call keep their order within a partition. Calls that overlap share batches, so
    many small ones at once are nearly as good as a large one; one after the other they are not,
    since each takes a round trip.

    After a failure every later call fails too: what happened to the records before it is unknown,
    so the process has to end.

    Args:
        settings: where Kafka is, and which topics there are.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._topics = TopicMap.of(settings).by_name
        self._timeout = settings.producer.delivery_timeout_ms / MS_IN_A_SECOND
        self._producer: AIOKafkaProducer | None = None
        self._limits = {name: topic.max_record_bytes for name, topic in self._topics.items()}
        self._senders: dict[tuple[str, int], PartitionSender] = {}
        self._failure: PublishError | None = None
        self._stopping = False
        self._closing: asyncio.Task[None] | None = None

    def allow(self, record_limits: Mapping[str, int]) -> None:
        """Take records up to what topics really take, by name, which may be more than settings say.

        What is decided by the log alone may be larger: limits of the log may since have been lowered.
        """
        self._limits |= record_limits

    async def start(self) -> None:
        """Connect.

        Raises:
            KafkaUnavailableError: no broker answers, or none lets this client in.
            SettingsError: a certificate or key cannot be used.
        """
        producer = AIOKafkaProducer(**producer_options(self._settings))
        await connect(producer, self._settings)
        self._producer = producer

    async def stop(self) -> None:
        """Take no more records, wait until all are acknowledged or one has failed, and disconnect.

        Raises:
            TimeoutError: that took longer than the delivery timeout; the rest of it goes on in the
                background.
        """
        self._stopping = True
        if self._producer is not None:
            async with asyncio.timeout(self._timeout):
                try:
                    await self._all_sent()
                finally:
                    # A task: it goes on where there is no time left to wait for it.
                    self._closing = asyncio.create_task(self._producer.stop(), name="disconnect")
                    await asyncio.sleep(0)  # it has begun
                await asyncio.shield(self._closing)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.stop()

    async def publish(self, records: Sequence[Outbound]) -> Sequence[Position]:
        """Write records; all are acknowledged when it returns, see ``Publisher``.

        Returns:
            The position of each record, in the order given. The offset is -1 where Kafka only says
            that it has the record already, which it may after a retry.

        Raises:
            PublishError: not all were acknowledged within the delivery timeout, an earlier call failed,
                or the publisher was stopped.
            RecordTooLargeError: a record is larger than its topic takes; nothing was written.
            TypeError: a key, value or header is not of its type; nothing was written.
            UnknownTopicError: there is no such topic or partition; nothing was written.
        """
        if self._failure is not None:
            raise _failure(records, self._failure.reason) from self._failure
        if self._stopping:
            raise _failure(records, "publish() after stop(); none of them was written")
        for record in records:
            check_types(record)
            self._check(record)
        places = [self._sender(record).add(record) for record in records]
        try:
            await self._written({place.batch.written for place in places})
        except PublishError as error:
            raise _failure(records, error.reason) from error
        except TimeoutError as error:
            failure = _failure(records, f"no answer within {self._timeout:g} s")
            self._fail(failure)
            raise failure from error
        return [
            Position(record.partition, place.offset)
            for record, place in zip(records, places, strict=True)
        ]

    def _sender(self, record: Outbound) -> PartitionSender:
        key = record.topic, record.partition
        sender = self._senders.get(key)
        if sender is None:
            sender = self._senders[key] = PartitionSender(self._started, *key, self._fail)
        return sender

    def _fail(self, failure: PublishError) -> None:
        """Take and send nothing more, from now on."""
        if self._failure is None:
            self._failure = failure
            for sender in self._senders.values():
                sender.fail(failure)

    async def _all_sent(self) -> None:
        for sender in list(self._senders.values()):
            if self._failure is None:
                await sender.empty()

    async def _written(self, batches: "set[asyncio.Future[int]]") -> None:
        if not batches:
            return
        # Not gather: a caller that is cancelled must not cancel what others wait for too.
        done, pending = await asyncio.wait(
            batches, timeout=self._timeout, return_when=asyncio.FIRST_EXCEPTION
        )
        for batch in done:
            batch.result()
        if pending:
            raise TimeoutError

    @property
    def _started(self) -> AIOKafkaProducer:
        if self._producer is None:
            raise RuntimeError("publish() before start(): use the publisher as a context manager")
        return self._producer

    def _check(self, record: Outbound) -> None:
        """Refuse what Kafka would: one refusal there would leave the producer out of sequence."""
        topic = self._topics.get(record.topic)
        if topic is None:
            raise UnknownTopicError(record.topic)
        if not 0 <= record.partition < topic.partitions:
            raise UnknownTopicError(record.topic, record.partition)
        size = size_of(record)
        if size > self._limits[record.topic]:
            raise RecordTooLargeError(record.topic, size, self._limits[record.topic])


def _failure(records: Sequence[Outbound], reason: str) -> PublishError:
    return PublishError(sorted({record.topic for record in records}), len(records), reason)
