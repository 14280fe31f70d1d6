"""Faust's consumer: one message for each fetched batch, and only our own commits."""

from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING, Final, cast

from aiokafka.structs import TopicPartition
from faust.transport.consumer import Fetcher
from faust.transport.drivers import aiokafka
from faust.types import TP, ConsumerMessage
from mode import Service

from joblog.streams.faust_app.batch import Batch
from joblog.streams.faust_app.consumer_thread import BatchConsumerThread

if TYPE_CHECKING:
    from joblog.streams.faust_app.app import JoblogApp

LOG_APPEND_TIME: Final = 1


class BatchConsumer(aiokafka.Consumer):
    """Delivers batches and commits what their owner acknowledged.

    Faust's own bookkeeping of acknowledgements and gaps is off, since the events topic is declared
    with ``acks=False``.
    """

    app: "JoblogApp"
    mundane_level = "debug"
    _thread: BatchConsumerThread

    def _new_consumer_thread(self) -> BatchConsumerThread:
        return BatchConsumerThread(self, loop=self.loop, beacon=self.beacon)

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Stop delivery, close what is open and commit what was acknowledged."""
        self.stop_flow()
        await super().on_partitions_revoked(revoked)
        await self.app.end_assignment(self.app.settings.scheduler.revoke_wait_ms)

    async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        """Open the new partitions; each is delivered as soon as it is open."""
        await super().on_partitions_assigned(assigned, generation_id)
        if self.app.should_stop:
            return
        self.app.begin_assignment(generation_id, {tp.partition for tp in assigned})
        self.app.flow_control.resume()
        self.resume_flow()
        self.app.on_rebalance_end()

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[TP, ConsumerMessage]]:
        """Yield one message for each partition that has records.

        It goes on while partitions are revoked, when nothing can be read, to learn of errors.
        """
        del timeout  # the thread has its own
        for batch in await self._thread.read():
            if self.flow_active and self._is_current(batch):  # else its generation has ended
                yield self._message(batch)

    def _is_current(self, batch: Batch) -> bool:
        assignment = self.app.assignment
        return assignment is not None and assignment.generation == batch.generation

    def _message(self, batch: Batch) -> tuple[TP, ConsumerMessage]:
        last = batch.records[-1]
        tp = TP(last.topic, last.partition)
        message = ConsumerMessage(
            topic=last.topic,
            partition=last.partition,
            offset=last.offset,
            timestamp=last.timestamp / 1000,
            timestamp_type=LOG_APPEND_TIME,
            headers=None,
            key=None,
            value=cast("bytes", batch),  # Faust has types for single records only
            checksum=None,
            tp=tp,
            generation_id=batch.generation,
        )
        return tp, message

    async def commit(self, *_: object, **__: object) -> bool:
        """Commit what was acknowledged; Faust calls it by a timer."""
        return self.app.assignment is not None and await self.app.assignment.commit()

    async def commit_in(self, generation: int, offsets: Mapping[int, int]) -> bool:
        """See `Source`."""
        commits = {self._partition(number): offset for number, offset in offsets.items()}
        return await self._thread.commit_in(generation, commits)

    async def verify_all_partitions_active(self) -> None:
        """Do nothing: Faust looks for stuck partitions in the bookkeeping that is off here."""

    async def begin(self, generation: int, partition: int, position: int) -> None:
        """See `Source`."""
        await self._thread.begin(generation, self._partition(partition), position)

    def pause(self, generation: int, partition: int) -> None:
        """See `Source`."""
        self._thread.pause(generation, self._partition(partition))

    def resume(self, generation: int, partition: int) -> None:
        """See `Source`."""
        self._thread.resume(generation, self._partition(partition))

    def end(self, partition: int) -> int | None:
        """Return the offset after the last record of a partition, None where it is not known yet."""
        return self._thread.end(self._partition(partition))

    async def leave(self) -> None:
        """Leave the group, so that the other members take over at once."""
        await self._thread.leave()

    def _partition(self, number: int) -> TopicPartition:
        return TopicPartition(self.app.events, number)


class BatchFetcher(Fetcher):
    """Hands every batch on to Faust's conductor, which hands it to the agent."""

    app: "JoblogApp"
    mundane_level = "debug"

    @Service.task
    async def _fetcher(self) -> None:
        consumer = cast("BatchConsumer", self.app.consumer)
        with self.app.fail_stop.fatal("fetching"):
            while not self.should_stop:
                async for _, message in consumer.getmany(0):
                    await consumer.callback(message)


class BatchTransport(aiokafka.Transport):
    """Makes Faust use these."""

    Consumer = BatchConsumer
    Fetcher = BatchFetcher
