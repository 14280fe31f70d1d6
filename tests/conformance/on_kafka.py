"""A joblog on a real Kafka: the scheduler's partitions with their stores and producer, in this process."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Final, Self

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import MessageSizeTooLargeError

from joblog.lifecycle.partition.view import StateView
from joblog.processors.memory.delays import MemoryDelays
from joblog.processors.scheduler.breaker import Breaker
from joblog.processors.scheduler.bulletin import Bulletin, declared, limits_announced
from joblog.processors.scheduler.outbound import Addresses
from joblog.processors.scheduler.pacing import CommitPacing
from joblog.processors.scheduler.partition import PartitionScheduler, Shared
from joblog.schemas.codec import Codec
from joblog.schemas.state import JobRow
from joblog.streams.kafka import KafkaPublisher, client_options, ensure_topics
from joblog.streams.kafka.inbound import inbound
from joblog.streams.records import Inbound, Outbound, Position
from joblog.streams.settings import Settings
from joblog.streams.store import STATE, KafkaStore, KafkaStores
from tests.conformance.joblog import Headers, Joblog, RefusedError

TIMEOUT: Final = 20.0
POLL_MS: Final = 20


def wall_clock() -> int:
    return time.time_ns() // 1_000_000


class JoblogOnKafka(Joblog):
    """One task reads all topics, folds what is new and does what is due, in cycles."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._bulletin = Bulletin(wall_clock)
        self._codec = Codec()
        self._publisher = KafkaPublisher(settings)
        self._delays = MemoryDelays(settings, self, wall_clock)
        self._seen: dict[tuple[str, int], list[Inbound]] = defaultdict(list)
        self._written: dict[tuple[str, int], int] = {}
        self._open: dict[int, PartitionScheduler] = {}
        self._stores: dict[int, KafkaStore] = {}
        self._next: dict[int, int] = {}
        self._disks = 0
        self._cycle = asyncio.Lock()
        self._news = asyncio.Condition()
        self._delay_topics = {topic.name for topic in self.topics.delays}
        self._declaring_topics = {self.topics.config.name, self.topics.schemas.name}

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            log_id = await ensure_topics(self.settings, wall_clock())
            await stack.enter_async_context(self._publisher)
            self._foreign = AIOKafkaProducer(
                bootstrap_servers=self.settings.bootstrap_servers,
                max_request_size=2 * self.topics.max_request_bytes,  # so that Kafka refuses
            )
            stack.push_async_callback(self._foreign.stop)
            await self._foreign.start()
            self._shared = self._shared_by_partitions(log_id)
            await self._open_scheduler()
            stack.push_async_callback(self._close_scheduler)
            consumer = AIOKafkaConsumer(
                **client_options(self.settings), auto_offset_reset="earliest"
            )
            stack.push_async_callback(consumer.stop)
            await self._follow(consumer)
            self._running = asyncio.create_task(self._run(consumer))
            stack.push_async_callback(_cancelled, self._running)
            now = wall_clock()
            await self.declare(limits_announced(self.settings.announced_limits, now, now))
            self._resources = stack.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._resources.aclose()

    def now(self) -> int:
        return wall_clock()

    async def publish(self, records: Sequence[Outbound]) -> Sequence[Position]:
        """Publish for the scheduler; what is written is known, so that a scenario can wait for it."""
        positions = await self._publisher.publish(records)
        for record, position in zip(records, positions, strict=True):
            at = record.topic, record.partition
            self._written[at] = max(self._written.get(at, 0), position.offset + 1)
        return positions

    async def write(self, records: Sequence[Outbound]) -> Sequence[Position]:
        return await self.publish(records)

    async def write_foreign(
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        partition: int | None = None,
        headers: Headers = (),
    ) -> Position:
        try:
            written = await self._foreign.send_and_wait(
                topic, value, key, partition, headers=list(headers)
            )
        except MessageSizeTooLargeError as error:
            raise RefusedError from error
        return Position(written.partition, written.offset)

    def read(self, topic: str, partition: int) -> list[Inbound]:
        return self._seen[topic, partition]

    def row(self, job_id: str) -> JobRow | None:
        return self._open[self.partition_of(job_id)].row(job_id)

    def committed(self, partition: int) -> StateView:
        return self._stores[partition]

    async def until(self, holds: Callable[[], object]) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(TIMEOUT), self._news:
                await self._news.wait_for(lambda: holds() or self._running.done())
        if self._running.done():
            await self._running
        assert holds(), f"it does not hold after {TIMEOUT} s"

    async def settle(self) -> None:
        await self.until(self._is_settled)

    async def restart(self) -> None:
        async with self._cycle:
            await self._close_scheduler()
            await self._open_scheduler()

    async def crash(self) -> None:
        async with self._cycle:
            for scheduler in self._open.values():
                await scheduler.close()
            await self._open_scheduler()

    async def finish(self) -> None:
        await self.settle()
        async with self._cycle:
            for scheduler in self._open.values():
                await scheduler.commit()

    def _shared_by_partitions(self, log_id: str) -> Shared:
        return Shared(
            log_id=log_id,
            publisher=self,
            addresses=Addresses(self.topics),
            bulletin=self._bulletin,
            pacing=CommitPacing(self.settings.scheduler),
            make_breaker=lambda: Breaker(self.settings.scheduler),
            clock=wall_clock,
            acknowledge=lambda _partition, _offset: None,
        )

    async def _open_scheduler(self) -> None:
        self._disks += 1
        disk = self.settings.data_dir / str(self._disks)
        stores = KafkaStores(_on(self.settings, disk), STATE, wall_clock)
        for partition in range(self.settings.partitions):
            self._stores[partition] = stores.store(partition)
            scheduler = PartitionScheduler(partition, self._stores[partition], self._shared)
            self._next[partition] = await scheduler.open()
            self._open[partition] = scheduler

    async def _close_scheduler(self) -> None:
        for scheduler in self._open.values():
            await scheduler.finish()

    async def _follow(self, consumer: AIOKafkaConsumer) -> None:
        await consumer.start()
        tables = {self.topics.table_jobs.name, self.topics.table_log.name}
        consumer.assign(
            [
                TopicPartition(topic.name, partition)
                for topic in self.topics.all
                if topic.name not in tables
                for partition in range(topic.partitions)
            ]
        )

    async def _run(self, consumer: AIOKafkaConsumer) -> None:
        try:
            while True:
                for records in (await consumer.getmany(timeout_ms=POLL_MS)).values():
                    for record in records:
                        self._take(inbound(record))
                async with self._cycle:
                    await self._step()
                async with self._news:
                    self._news.notify_all()
        finally:
            async with self._news:
                self._news.notify_all()

    def _take(self, record: Inbound) -> None:
        self._seen[record.topic, record.partition].append(record)
        if record.topic in self._delay_topics:
            self._delays.add(record)
        elif record.topic in self._declaring_topics:
            event = declared(record, self._codec, self.topics)
            if event is not None:
                self._bulletin.declare(event)

    async def _step(self) -> None:
        for partition, scheduler in self._open.items():
            records = self.read(self.topics.events.name, partition)[self._next[partition] :]
            if records:
                await scheduler.process(records)
                self._next[partition] = records[-1].offset + 1
            await scheduler.tend()
        await self._delays.step()

    def _is_settled(self) -> bool:
        events = self.topics.events.name
        return all(len(self.read(*at)) >= end for at, end in self._written.items()) and all(
            self._next[partition] >= len(self.read(events, partition)) for partition in self._open
        )


def _on(settings: Settings, disk: Path) -> Settings:
    return settings.model_copy(update={"data_dir": disk})


async def _cancelled(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
