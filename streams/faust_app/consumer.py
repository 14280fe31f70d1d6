"""Faust's consumer: one message for each fetched batch, and only our own commits."""

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Final, cast

from aiokafka.structs import TopicPartition
from faust.transport.drivers import aiokafka
from faust.types import TP, ConsumerMessage
from mode.types import ServiceT

from joblog.streams.faust_app.batch import Batch
from joblog.streams.faust_app.consumer_thread import BatchConsumerThread

if TYPE_CHECKING:
    from joblog.streams.faust_app.app import JoblogApp

POLL_SECONDS: Final = 1.0
LOG_APPEND_TIME: Final = 1


class BatchConsumer(aiokafka.Consumer):
    """Delivers batches and commits what their owner acknowledged.

    Faust's own bookkeeping of acknowledgements and gaps is off, since the events topic is declared
    with ``acks=False``.
    """

    app: "JoblogApp"
    mundane_level = "debug"
    _thread: BatchConsumerThread

    def __post_init__(self) -> None:
        """Start with no commit under way."""
        super().__post_init__()
        self._committing = asyncio.Lock()

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

    async def _drain_messages(self, fetcher: ServiceT) -> None:
        with self.app.fail_stop.fatal("fetching"):
            while not (self.should_stop or fetcher.should_stop):
                async for _, message in self.getmany(POLL_SECONDS):
                    await self.callback(message)

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[TP, ConsumerMessage]]:
        """Yield one message for each partition that has records."""
        if not self.flow_active:
            await self.wait(self.can_resume_flow.wait())
        for batch in await self._thread.fetch(timeout):
            yield self._message(batch)

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
        """Commit what is acknowledged; return whether the group took anything.

        Faust calls it by a timer and when it stops. Nothing is noted as committed that was not.
        """
        async with self._committing:
            assignment = self.app.assignment
            offsets = assignment.committable() if assignment else {}
            if not assignment or not offsets:
                return False
            with self.app.fail_stop.fatal("committing offsets"):
                done = await self._thread.commit_in(
                    assignment.generation, {self._partition(p): o for p, o in offsets.items()}
                )
            if done:
                assignment.committed(offsets)
            return done

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

    async def leave(self) -> None:
        """Leave the group, so that the other members take over at once."""
        await self._thread.leave()

    def _partition(self, number: int) -> TopicPartition:
        return TopicPartition(self.app.events, number)


class BatchTransport(aiokafka.Transport):
    """Makes Faust use our consumer."""

    Consumer = BatchConsumer
