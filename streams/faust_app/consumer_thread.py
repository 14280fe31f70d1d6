"""Faust's consumer thread, where aiokafka runs: what is fetched, from where, what is committed."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, cast

from aiokafka.coordinator.assignors.sticky.sticky_assignor import StickyPartitionAssignor
from aiokafka.errors import KafkaError
from aiokafka.structs import ConsumerRecord, TopicPartition
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread, Transport
from faust.types import TP
from mode.threads import MethodQueue

from joblog.streams.faust_app.batch import Batch
from joblog.streams.faust_app.errors import PositionOutsideLogError
from joblog.streams.faust_app.group_consumer import GroupConsumer
from joblog.streams.kafka.client import group_options
from joblog.streams.kafka.inbound import inbound

if TYPE_CHECKING:
    from joblog.streams.faust_app.app import JoblogApp

FETCH_MAX_WAIT_MS: Final = 100
"""How long a broker holds a fetch that finds nothing. Faust has 1,500 here.

aiokafka has one fetch under way for each broker, so a partition that was left out of it, since it
was paused, waits for its end.
"""

CONCURRENT_CALLS: Final = 4
"""Calls of the main thread that run at once: a fetch, a commit, starting partitions. Faust has 2."""


class BatchConsumerThread(AIOKafkaConsumerThread):
    """Fetches batches of the partitions that were begun in the present generation, and no others."""

    app: "JoblogApp"
    mundane_level = "debug"

    def __post_init__(self) -> None:
        """Start with nothing to fetch."""
        super().__post_init__()
        self._generation = -1
        self._next: dict[TopicPartition, int] = {}
        self._anything_begun = asyncio.Event()

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
        conf = self.app.conf
        own_options = {
            "client_id": conf.broker_client_id,
            "group_id": conf.id,
            "partition_assignment_strategy": [StickyPartitionAssignor],
            "fetch_max_wait_ms": FETCH_MAX_WAIT_MS,
            "max_partition_fetch_bytes": conf.consumer_max_fetch_size,
            "max_poll_interval_ms": int(conf.broker_max_poll_interval * 1000),
            "rebalance_timeout_ms": int(conf.broker_rebalance_timeout * 1000),
        }
        return GroupConsumer(group_options(self.app.settings) | own_options)

    def _ensure_consumer(self) -> GroupConsumer:
        return cast("GroupConsumer", super()._ensure_consumer())

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Fetch nothing from here on, then let the main thread close the partitions."""
        with self.app.fail_stop.fatal("giving up partitions"):
            self._fetch_nothing()
            await super().on_partitions_revoked(revoked)

    async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        """Fetch nothing of the new partitions yet, and let the main thread open them."""
        with self.app.fail_stop.fatal("taking over partitions"):
            self._fetch_nothing()
            self._generation = generation_id
            StickyPartitionAssignor.on_generation_assignment(generation_id)  # aiokafka forgets to
            self._ensure_consumer().hold({TopicPartition(*tp) for tp in assigned})
            await super().on_partitions_assigned(assigned, generation_id)

    def _fetch_nothing(self) -> None:
        self._next = {}
        self._anything_begun.clear()

    async def begin(self, generation: int, partition: TopicPartition, position: int) -> None:
        """Fetch a partition from a position on; does nothing if the generation is over.

        Raises:
            PositionOutsideLogError: the log does not have the position.
            KafkaError: the broker does not say what the log has.
        """
        await self.call_thread(self._begin, generation, partition, position)

    async def _begin(self, generation: int, partition: TopicPartition, position: int) -> None:
        consumer = self._ensure_consumer()
        start, end = await consumer.bounds(partition)
        if not start <= position <= end:
            raise PositionOutsideLogError(*partition, position, start, end)
        if generation == self._generation:
            consumer.release(partition, position)
            self._next[partition] = position
            self._anything_begun.set()

    def pause(self, generation: int, partition: TopicPartition) -> None:
        """Send no more fetches for a partition; what was fetched is still delivered."""
        self._soon(GroupConsumer.pause, generation, partition)

    def resume(self, generation: int, partition: TopicPartition) -> None:
        """Fetch a paused partition again."""
        self._soon(GroupConsumer.resume, generation, partition)

    def _soon(
        self,
        change: Callable[[GroupConsumer, TopicPartition], None],
        generation: int,
        partition: TopicPartition,
    ) -> None:
        def in_thread() -> None:
            if generation == self._generation and partition in self._next:
                change(self._ensure_consumer(), partition)

        self.thread_loop.call_soon_threadsafe(in_thread)

    async def fetch(self, timeout: float) -> list[Batch]:
        """Return a batch of each partition that has records, or nothing after ``timeout`` seconds.

        Raises:
            KafkaError: fetching, or the membership in the group, has failed for good.
        """
        batches: list[Batch] = await self.call_thread(self._fetch, timeout)
        return batches

    async def _fetch(self, timeout: float) -> list[Batch]:
        consumer, begun = self._ensure_consumer(), self._next
        consumer.show_life()
        if not begun:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._anything_begun.wait(), timeout)
            return []
        try:
            fetched = await consumer.fetch(begun.keys(), timeout)
        except KafkaError:
            if begun is self._next:
                raise
            return []
        if begun is not self._next:
            return []  # it is of a generation that ended meanwhile
        return [self._batch(partition, records) for partition, records in fetched.items()]

    def _batch(self, partition: TopicPartition, fetched: list[ConsumerRecord[Any, Any]]) -> Batch:
        follows, self._next[partition] = self._next[partition], fetched[-1].offset + 1
        size = sum(len(record.value) for record in fetched if record.value)
        records = [*map(inbound, fetched)]
        return Batch(self._generation, partition.partition, follows, records, size)

    async def commit_in(self, generation: int, offsets: dict[TopicPartition, int]) -> bool:
        """See `GroupConsumer.commit_in`."""
        done: bool = await self.call_thread(self._ensure_consumer().commit_in, generation, offsets)
        return done

    async def leave(self) -> None:
        """Leave the group, so that the other members take over at once."""
        await self.call_thread(self._ensure_consumer().stop)
