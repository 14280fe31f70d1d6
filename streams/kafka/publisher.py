"""Writes records to Kafka, each once and in order, and says where they are."""

import asyncio
from collections.abc import Sequence
from types import TracebackType
from typing import Final, Self

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from joblog.streams.errors import (
    PublishError,
    RecordTooLargeError,
    UnknownTopicError,
)
from joblog.streams.kafka.client import connect, producer_options
from joblog.streams.kafka.outbox import Outbox
from joblog.streams.records import Outbound, Position
from joblog.streams.settings import Settings
from joblog.streams.topics import TopicMap

MS_IN_A_SECOND: Final = 1_000
LENGTHS: Final = 10
"""Bytes of two lengths: of key and value, of a header's name and value; varints of 5 bytes."""


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
        self._outboxes: dict[tuple[str, int], Outbox] = {}
        self._failure: PublishError | None = None

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
        """Wait until all is acknowledged, and disconnect.

        Raises:
            TimeoutError: that took longer than the delivery timeout.
        """
        if self._producer is not None:
            async with asyncio.timeout(self._timeout):
                for outbox in self._outboxes.values():
                    await outbox.empty()
                await self._producer.stop()

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
            PublishError: not all were acknowledged within the delivery timeout, or an earlier call
                failed.
            RecordTooLargeError: a record is larger than its topic takes; nothing was written.
            UnknownTopicError: there is no such topic or partition; nothing was written.
        """
        if self._failure is not None:
            raise self._failure
        for record in records:
            self._check(record)
        places = [self._outbox(record).add(record) for record in records]
        try:
            await self._written({place.batch.written for place in places})
        except (KafkaError, TimeoutError) as error:
            self._failure = self._failed(records, error)
            raise self._failure from error
        return [
            Position(record.partition, place.offset)
            for record, place in zip(records, places, strict=True)
        ]

    def _outbox(self, record: Outbound) -> Outbox:
        key = record.topic, record.partition
        outbox = self._outboxes.get(key)
        if outbox is None:
            outbox = self._outboxes[key] = Outbox(self._started, *key)
        return outbox

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
        if size > topic.max_record_bytes:
            raise RecordTooLargeError(record.topic, size, topic.max_record_bytes)

    def _failed(self, records: Sequence[Outbound], error: Exception) -> PublishError:
        reason = str(error) or f"no answer within {self._timeout:g} s"
        return PublishError(sorted({record.topic for record in records}), len(records), reason)


def size_of(record: Outbound) -> int:
    """Return how many bytes a record takes at most: key, value, headers and their lengths."""
    size = len(record.key or b"") + len(record.value or b"") + LENGTHS
    for name, value in record.headers:
        size += (len(name) if name.isascii() else len(name.encode())) + len(value) + LENGTHS
    return size
