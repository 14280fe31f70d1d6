"""Which partitions are read, from where, and what was fetched of them; it lives in the thread of aiokafka."""

from typing import Any, Protocol

from aiokafka.errors import OffsetOutOfRangeError
from aiokafka.structs import ConsumerRecord, TopicPartition

from joblog.streams.faust_app.batch import Batch
from joblog.streams.faust_app.errors import PositionOutsideLogError
from joblog.streams.faust_app.group_consumer import Fetched, GroupConsumer
from joblog.streams.kafka.inbound import inbound


class Taker(Protocol):
    """Takes what was read."""

    @property
    def has_room(self) -> bool:
        """Whether it has taken what was read before."""
        ...

    async def room(self) -> None:
        """Wait until it has."""
        ...


class BatchReader:
    """Reads the partitions that were begun in the present generation, and no others.

    What is asked for in a generation that is over does nothing.
    """

    def __init__(self, consumer: GroupConsumer) -> None:
        self.consumer = consumer
        self._generation = -1
        self._next: dict[TopicPartition, int] = {}

    def start_generation(self, generation: int) -> None:
        """Read nothing until partitions are begun in this generation."""
        self._generation = generation
        self._next = {}
        self.consumer.start_generation()

    def stop_reading(self) -> None:
        """Read nothing from here on: the generation ends."""
        self._next = {}

    async def begin(self, generation: int, partition: TopicPartition, position: int) -> None:
        """Read a partition from a position on.

        Raises:
            PositionOutsideLogError: the log does not have the position.
            KafkaError: the broker does not say what the log has.
        """
        start, end = await self.consumer.bounds(partition)
        if not start <= position <= end:
            raise PositionOutsideLogError(
                partition.topic, partition.partition, position, start, end
            )
        if generation == self._generation:
            self.consumer.begin(partition, position)
            self._next[partition] = position

    def pause(self, generation: int, partition: TopicPartition) -> None:
        """Send no more fetches for a partition; what was fetched is still read."""
        if generation == self._generation and partition in self._next:
            self.consumer.hold(partition)

    def resume(self, generation: int, partition: TopicPartition) -> None:
        """Fetch a paused partition again."""
        if generation == self._generation and partition in self._next:
            self.consumer.release(partition)

    async def read(self, timeout: float, taker: Taker) -> list[Batch]:
        """Return a batch of each partition that has records, or nothing after ``timeout`` seconds.

        Nothing is taken before the taker has taken what was read before: what arrives gathers meanwhile.

        Raises:
            PositionOutsideLogError: the log is no longer the one it was.
            KafkaError: fetching, or the membership in the group, has failed for good.
        """
        fetched = await self._take() if taker.has_room else {}
        if not fetched:
            await self.consumer.arrival(timeout)
            await taker.room()
            fetched = await self._take()
        return [self._batch(partition, records) for partition, records in fetched.items()]

    async def _take(self) -> Fetched:
        try:
            return await self.consumer.take(self._next.keys())
        except OffsetOutOfRangeError as error:
            ((partition, position),) = error.args[0].items()
            start, end = await self.consumer.bounds(partition)
            raise PositionOutsideLogError(
                partition.topic, partition.partition, position, start, end
            ) from error

    def _batch(self, partition: TopicPartition, fetched: list[ConsumerRecord[Any, Any]]) -> Batch:
        follows, self._next[partition] = self._next[partition], fetched[-1].offset + 1
        size = sum(len(record.value) for record in fetched if record.value)
        records = [*map(inbound, fetched)]
        return Batch(self._generation, partition.partition, follows, records, size)
