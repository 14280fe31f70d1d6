"""One lane: holds partitions of its work topic, generation by generation of its group."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from aiokafka import ConsumerRebalanceListener, TopicPartition
from aiokafka.structs import OffsetAndMetadata

from joblog.processors.worker.buffer import PriorityBuffer
from joblog.processors.worker.claiming import Claiming
from joblog.processors.worker.claims import WINDOW, Claim, ClaimLedger
from joblog.processors.worker.errors import (
    ClaimOfOtherLogError,
    ClaimUnreadableError,
    WorkGoneError,
)
from joblog.processors.worker.intake import Intake
from joblog.processors.worker.observer import WorkerObserver
from joblog.processors.worker.runner import Runner
from joblog.processors.worker.tenure import Tenure
from joblog.processors.worker.work_consumer import WorkConsumer
from joblog.streams.records import Inbound

MOST_RECORDS: Final = 250
"""Records sorted without a pause, so that handlers and heartbeats get their turn."""

PAUSE_SECONDS: Final = 0.01
"""How long a lane with enough to do reads nothing; then it looks again."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class LaneParts:
    """What a lane is made of.

    Attributes:
        name: the lane.
        log_id: the log.
        worker: this worker's id.
        consumer: reads the work topic.
        intake: sorts what was read.
        buffer: holds what can begin.
        claiming: claims it.
        runner: runs it.
        observer: watches.
        revoke_wait: seconds that running attempts have to end when partitions are taken away.
        fail: ends the worker.
    """

    name: str
    log_id: str
    worker: str
    consumer: WorkConsumer
    intake: Intake
    buffer: PriorityBuffer
    claiming: Claiming
    runner: Runner
    observer: WorkerObserver
    revoke_wait: float
    fail: Callable[[BaseException], None]


class Lane(ConsumerRebalanceListener):
    """Reads, claims and runs the work of one lane.

    Args:
        parts: what it is made of.

    Attributes:
        ready: whether the group has given this worker its partitions.
        topic: name of the work topic.
    """

    def __init__(self, parts: LaneParts) -> None:
        self.ready = False
        self.topic = parts.consumer.topic
        self._parts = parts
        self._tenures: dict[TopicPartition, Tenure] = {}
        self._giving_up = asyncio.Lock()
        self._leaving = False
        self._topic_id: str | None = None
        self._is_lost = False
        self._is_there = asyncio.Event()

    async def start(self) -> None:
        """Join the group.

        Raises:
            KafkaUnavailableError: no broker answers, or none lets this client in.
        """
        await self._parts.consumer.start(self)
        self._topic_id = await self._parts.consumer.topic_id()
        self._is_lost = False

    def found(self, topic_id: str | None) -> None:
        """Take in the id of the work topic that there is now, None where there is none."""
        if topic_id is None:
            self._is_there.clear()
        else:
            self._is_there.set()
        if topic_id != self._topic_id:
            self._is_lost = True

    async def read(self) -> None:
        """Read until `leave` is called.

        Raises:
            WorkGoneError: the next records are not there.
            KafkaError: reading, or the membership in the group, has failed for good.
        """
        while not self._leaving:
            if self._is_lost:
                await self._begin_anew()
            partitions = self._readable()
            if self._tenures and not partitions:
                await asyncio.sleep(PAUSE_SECONDS)
                continue
            for at, records in (await self._fetched(partitions)).items():
                tenure = self._tenures.get(at)
                if tenure is not None and tenure.active:
                    self._parts.intake.take(tenure, records)
            self._parts.claiming.wake()

    async def _fetched(
        self, partitions: list[TopicPartition]
    ) -> Mapping[TopicPartition, list[Inbound]]:
        most = max(1, min(MOST_RECORDS, self._parts.buffer.room))
        try:
            return await self._parts.consumer.fetch(partitions, most)
        except WorkGoneError:
            if await self._parts.consumer.topic_id() == self._topic_id:
                raise
            self._is_lost = True
            return {}

    async def _begin_anew(self) -> None:
        """Read the topic that is there now instead of one that is gone; what runs goes on under its lease."""
        logger.error(
            "%s was deleted, or made anew: what runs goes on, and the new topic is read from its beginning",
            self.topic,
        )
        with self._fatal():
            await self._give_up(0, self._parts.claiming.forget)
            await self._parts.consumer.stop()
            await self._is_there.wait()
            await self.start()

    def tend(self) -> None:
        """Do what is due by the clock."""
        self._parts.intake.tend()
        self._parts.claiming.tend()
        # What has waited for a schema comes without anything being read.
        if len(self._parts.buffer):
            self._parts.claiming.wake()
        self._parts.observer.buffered(self._parts.name, len(self._parts.buffer))

    async def leave(self, wait: float) -> None:
        """Give all partitions up, and leave the group; what still runs has its leases.

        Args:
            wait: seconds that running attempts have to end before.
        """
        self._leaving = True
        await self._give_up(wait, self._parts.claiming.let_go)
        await self._parts.consumer.stop()

    async def close(self) -> None:
        """Leave the group after a failure; nothing is committed."""
        self._leaving = True
        await self._parts.consumer.stop()

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        """Give partitions up: a rebalance takes all, and another worker may get any of them."""
        del revoked
        with self._fatal():
            await self._give_up(self._parts.revoke_wait, self._parts.claiming.let_go)

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        """Take partitions over, with what former workers had claimed."""
        with self._fatal():
            if not self._leaving:
                await self._take_over(sorted(assigned))

    async def _take_over(self, partitions: list[TopicPartition]) -> None:
        parts = self._parts
        membership = parts.consumer.membership()
        self._topic_id = await parts.consumer.topic_id()
        committed = self._of_this_topic(await membership.committed(partitions))
        new = [at for at in partitions if at not in committed]
        beginnings = await parts.consumer.beginnings(new) if new else {}
        tenures = {}
        for at in partitions:
            found = committed.get(at) or OffsetAndMetadata(beginnings[at], "")
            parts.consumer.seek(at, found.offset)
            tenures[at] = self._tenure(at, found)
        self._tenures = tenures
        parts.claiming.hold(membership, list(tenures.values()))
        parts.observer.assigned(parts.name, len(tenures))
        self.ready = True

    def _of_this_topic(
        self, committed: Mapping[TopicPartition, OffsetAndMetadata]
    ) -> dict[TopicPartition, OffsetAndMetadata]:
        """Return what was committed but for what is about a topic that is gone."""
        return {
            at: found
            for at, found in committed.items()
            if (claim := self._claim(at, found.metadata)) is None
            or claim.topic_id in {None, self._topic_id}
        }

    def _tenure(self, at: TopicPartition, found: OffsetAndMetadata) -> Tenure:
        claim = self._claim(at, found.metadata)
        ledger = ClaimLedger(self._parts.log_id, self._parts.worker, found.offset, claim)
        former = "" if claim is None else claim.worker
        return Tenure(at, ledger, former, self._topic_id or "")

    def _claim(self, at: TopicPartition, metadata: str) -> Claim | None:
        if not metadata:
            return None
        place = f"{at.topic}/{at.partition}"
        try:
            claim = Claim.decode(metadata)
        except ValueError as error:
            raise ClaimUnreadableError(place, str(error)) from error
        if claim.log_id != self._parts.log_id:
            raise ClaimOfOtherLogError(place, claim.log_id, self._parts.log_id)
        return claim

    async def _give_up(self, wait: float, let_go: Callable[[], Awaitable[None]]) -> None:
        async with self._giving_up:
            self.ready = False
            tenures = list(self._tenures.values())
            for tenure in tenures:
                tenure.active = False
            self._parts.intake.drop(tenures)
            await self._parts.claiming.pause()
            await self._parts.runner.settle(tenures, wait)
            await let_go()
            self._tenures = {}

    def _readable(self) -> list[TopicPartition]:
        if not self._parts.buffer.room:
            return []
        return [
            at
            for at, tenure in self._tenures.items()
            if tenure.active and tenure.ledger.span < WINDOW - MOST_RECORDS
        ]

    @contextmanager
    def _fatal(self) -> Iterator[None]:
        """End the worker on any failure: aiokafka would log it and go on."""
        try:
            yield
        except Exception as error:
            self._parts.fail(error)
            raise
