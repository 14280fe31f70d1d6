"""Faust's consumer thread, where aiokafka runs."""

import asyncio
from typing import TYPE_CHECKING, Any, Final, cast

from aiokafka.coordinator.assignors.sticky.sticky_assignor import StickyPartitionAssignor
from aiokafka.structs import TopicPartition
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread, Transport
from faust.types import TP
from mode.threads import MethodQueue
from uvloop import new_event_loop

from joblog.streams.faust_app.batch import Batch
from joblog.streams.faust_app.group_consumer import GroupConsumer
from joblog.streams.faust_app.handover import Handover
from joblog.streams.faust_app.options import consumer_options
from joblog.streams.faust_app.reader import BatchReader

if TYPE_CHECKING:
    from joblog.streams.faust_app.app import JoblogApp

CONCURRENT_CALLS: Final = 4
"""Calls of the main thread that run at once: a commit, beginnings. Faust has 2."""

POLL_SECONDS: Final = 1.0
"""How long a read waits for records; each one that the main thread takes tells the group that it is not stuck."""


class BatchConsumerThread(AIOKafkaConsumerThread):
    """Reads for the main thread, takes its calls to the reader, and tells both of changes in the group."""

    app: "JoblogApp"
    mundane_level = "debug"
    _reader: BatchReader

    def __init__(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - mode's
        super().__init__(*args, thread_loop=new_event_loop(), **options)
        self._close_thread_loop_on_stop = True  # mode closes only loops of its own
        self._read: Handover[list[Batch] | Exception] = Handover(self.thread_loop, self.parent_loop)
        self._reading: asyncio.Task[None] | None = None

    @property
    def method_queue(self) -> MethodQueue:
        """The calls that wait for this thread."""
        if self._method_queue is None:
            self._method_queue = MethodQueue(
                CONCURRENT_CALLS, loop=self.thread_loop, beacon=self.beacon
            )
        return self._method_queue

    def _create_worker_consumer(self, transport: Transport) -> GroupConsumer:
        del transport  # it has nothing that the settings have not
        consumer = GroupConsumer(consumer_options(self.app.settings))
        self._reader = BatchReader(consumer)
        return consumer

    def _ensure_consumer(self) -> GroupConsumer:
        return cast("GroupConsumer", super()._ensure_consumer())

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Read nothing from here on, then let the main thread close the partitions."""
        with self.app.fail_stop.fatal("giving up partitions"):
            self._reader.stop_reading()
            await super().on_partitions_revoked(revoked)

    async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        """Let the main thread open the new partitions; none is read yet."""
        with self.app.fail_stop.fatal("taking over partitions"):
            self._reader.start_generation(generation_id)
            StickyPartitionAssignor.on_generation_assignment(generation_id)  # aiokafka forgets to
            await super().on_partitions_assigned(assigned, generation_id)

    async def begin(self, generation: int, partition: TopicPartition, position: int) -> None:
        """See `BatchReader`."""
        await self.call_thread(self._reader.begin, generation, partition, position)

    def pause(self, generation: int, partition: TopicPartition) -> None:
        """See `BatchReader`."""
        self.thread_loop.call_soon_threadsafe(self._reader.pause, generation, partition)

    def resume(self, generation: int, partition: TopicPartition) -> None:
        """See `BatchReader`."""
        self.thread_loop.call_soon_threadsafe(self._reader.resume, generation, partition)

    async def read(self) -> list[Batch]:
        """Return what was read since the last call, or nothing after a second; see `BatchReader`."""
        if self._reading is None:
            await self.call_thread(self._start_reading)
        read = await self._read.take()
        if isinstance(read, Exception):
            raise read
        return read

    async def commit_in(self, generation: int, offsets: dict[TopicPartition, int]) -> bool:
        """See `GroupConsumer`."""
        done: bool = await self.call_thread(self._ensure_consumer().commit_in, generation, offsets)
        return done

    def end(self, partition: TopicPartition) -> int | None:
        """See `GroupConsumer`; safe from another thread, since it only looks."""
        return self._ensure_consumer().end(partition)

    async def leave(self) -> None:
        """Leave the group, so that the other members take over at once.

        Raises:
            ConsumerNotStarted: it has not joined.
        """
        await self.call_thread(self._leave, self._ensure_consumer())

    async def _leave(self, consumer: GroupConsumer) -> None:
        if self._reading is not None:
            self._reading.cancel()
        await consumer.leave()

    async def _start_reading(self) -> None:
        if self._reading is None:  # a call that was cancelled may have started it
            self._reading = asyncio.create_task(self._read_on(), name="read events")

    async def _read_on(self) -> None:
        """Read on without being asked each time: that would wake this thread once more a batch."""
        with self.app.fail_stop.fatal("reading on"):
            while True:
                try:
                    read: list[Batch] | Exception = await self._reader.read(
                        POLL_SECONDS, self._read
                    )
                except Exception as error:  # noqa: BLE001 - the main thread gets it
                    read = error
                    await self._read.room()
                self._read.give(read)
