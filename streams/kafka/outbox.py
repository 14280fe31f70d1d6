"""Records on their way to one partition: what comes while a batch is under way shares the next."""

import asyncio
from collections import deque
from typing import NamedTuple

from aiokafka import AIOKafkaProducer
from aiokafka.producer.message_accumulator import BatchBuilder

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


class Outbox:
    """Sends to one partition, one batch at a time, which keeps the order.

    A batch has one future for all its records: one for each record costs more than all else that is
    done with it.

    Args:
        producer: sends the batches.
        topic: name of the topic.
        partition: the partition.
    """

    def __init__(self, producer: AIOKafkaProducer, topic: str, partition: int) -> None:
        self._producer = producer
        self._topic = topic
        self._partition = partition
        self._waiting: deque[Batch] = deque()
        self._sending: asyncio.Task[None] | None = None

    def add(self, record: Outbound) -> Place:
        """Take a record; it is sent when the calling task next waits for something."""
        if not self._waiting or not _append(record, self._waiting[-1]):
            self._begin_batch(record)
        if self._sending is None:
            name = f"send to {self._topic}/{self._partition}"
            self._sending = asyncio.create_task(self._send_all(), name=name)
        batch = self._waiting[-1]
        return Place(batch, batch.builder.record_count() - 1)

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
        except Exception as error:  # noqa: BLE001 - it is the waiting callers' to handle
            self._fail([batch, *self._waiting], error)

    def _fail(self, batches: list[Batch], error: Exception) -> None:
        """Fail what would follow too: sent after a gap it would be out of order."""
        self._waiting.clear()
        for batch in batches:
            batch.written.set_exception(error)


def _append(record: Outbound, batch: Batch) -> bool:
    added = batch.builder.append(
        timestamp=None, key=record.key, value=record.value, headers=record.headers
    )
    return added is not None


def _see(written: "asyncio.Future[int]") -> None:
    """Keep asyncio from reporting a failure that no caller waits for any more."""
    if not written.cancelled():
        written.exception()
