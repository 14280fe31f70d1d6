"""Records on their way to one partition: what comes while a batch is under way shares the next."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from aiokafka.producer.message_accumulator import BatchBuilder

from joblog.streams.errors import PublishError
from joblog.streams.records import Outbound

NO_OFFSET = -1
"""Kafka's answer where, after a retry, it only says that it has the batch already."""


class Batch(NamedTuple):
    """A batch that is filled, then sent; `written` gives the offset of its first record."""

    builder: BatchBuilder
    written: asyncio.Future[int]


class Place(NamedTuple):
    """Where a record went: its batch, and its number there, from 0."""

    batch: Batch
    number: int

    @property
    def offset(self) -> int:
        """The record's offset, once its batch is written; -1 where Kafka does not tell."""
        first = self.batch.written.result()
        return first if first == NO_OFFSET else first + self.number


class PartitionSender:
    """Sends to one partition, one batch at a time, which keeps the order.

    A batch has one future for all its records: one for each record costs more than all else that is
    done with it.

    Once it has failed it takes and sends nothing more: after a gap that would be out of order.

    Args:
        producer: sends the batches.
        topic: name of the topic.
        partition: the partition.
        failed: is told when a batch has failed, before anything else runs.
    """

    def __init__(
        self,
        producer: AIOKafkaProducer,
        topic: str,
        partition: int,
        failed: Callable[[PublishError], None],
    ) -> None:
        self._producer = producer
        self._topic = topic
        self._partition = partition
        self._failed = failed
        self._failure: PublishError | None = None
        self._waiting: deque[Batch] = deque()
        self._sending: asyncio.Task[None] | None = None

    def add(self, record: Outbound) -> Place:
        """Take a record; it is sent when the calling task next waits for something.

        Raises:
            PublishError: a batch has failed, here or elsewhere.
        """
        if self._failure is not None:
            raise self._failure
        if not self._waiting or not _append(record, self._waiting[-1]):
            self._begin_batch(record)
        if self._sending is None:
            name = f"send to {self._topic}/{self._partition}"
            self._sending = asyncio.create_task(self._send_all(), name=name)
        batch = self._waiting[-1]
        return Place(batch, batch.builder.record_count() - 1)

    def fail(self, failure: PublishError) -> None:
        """Take nothing more, and fail what waits; a batch under way may still be written."""
        self._failure = self._failure or failure
        while self._waiting:
            self._waiting.popleft().written.set_exception(failure)

    async def empty(self) -> None:
        """Wait until all is sent, or has failed."""
        if self._sending is not None:
            await asyncio.wait([self._sending])

    def _begin_batch(self, record: Outbound) -> None:
        batch = Batch(self._producer.create_batch(), asyncio.get_running_loop().create_future())
        batch.written.add_done_callback(_see)
        _append(record, batch)  # a batch takes its first record whatever its size
        self._waiting.append(batch)

    async def _send_all(self) -> None:
        try:
            while self._waiting:
                await self._send(self._waiting.popleft())
        finally:
            self._sending = None

    async def _send(self, batch: Batch) -> None:
        try:
            sent = await self._producer.send_batch(
                batch.builder, self._topic, partition=self._partition
            )
            batch.written.set_result((await sent).offset)
        except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001 - the callers get it
            failure = PublishError([self._topic], batch.builder.record_count(), _reason(error))
            failure.__cause__ = error
            batch.written.set_exception(failure)
            self.fail(failure)
            self._failed(failure)


def _append(record: Outbound, batch: Batch) -> bool:
    added = batch.builder.append(
        timestamp=None, key=record.key, value=record.value, headers=record.headers
    )
    return added is not None


def _reason(error: BaseException) -> str:
    return str(error) if isinstance(error, KafkaError) else repr(error)


def _see(written: "asyncio.Future[int]") -> None:
    """Keep asyncio from reporting a failure that no caller waits for any more."""
    if not written.cancelled():
        written.exception()
