"""Runs delay services, and does to their topics what the scheduler does."""

import asyncio
import os
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import NamedTuple, Self

from aiokafka import AIOKafkaConsumer, TopicPartition

from joblog.lifecycle.delays import TIERS, tier_for
from joblog.lifecycle.partitioner import partition_of
from joblog.processors.delays.consumer import group_of
from joblog.processors.delays.service import DelayService
from joblog.schemas.codec import Codec
from joblog.schemas.models import DelayElapsed, Event, JobDeferred
from joblog.streams.cloudevents import headers_for
from joblog.streams.kafka import KafkaPublisher, client_options, connected_admin
from joblog.streams.kafka.inbound import inbound
from joblog.streams.records import Inbound, Outbound
from joblog.streams.settings import Settings
from joblog.streams.topics import TopicMap

ROOT = Path(__file__).parents[3]
TIMEOUT = 30.0
POLL_SECONDS = 0.02
CODEC = Codec()


def now_ms() -> int:
    return time.time_ns() // 1_000_000


async def eventually(reached: Callable[[], Awaitable[object]]) -> None:
    """Ask again and again until something is so."""
    async with asyncio.timeout(TIMEOUT):
        while True:
            if await reached():
                return
            await asyncio.sleep(POLL_SECONDS)


class Process:
    """A delay service in a process of its own."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process

    @classmethod
    async def start(cls, settings: Settings, **environment: str) -> Self:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.kafka.delays.process",
            cwd=ROOT,
            env={**os.environ, **_environment(settings), **environment},
        )
        return cls(process)

    async def ends(self) -> int:
        async with asyncio.timeout(TIMEOUT):
            return await self.process.wait()

    async def stop(self) -> int:
        self.process.terminate()
        return await self.ends()

    async def kill(self) -> None:
        with suppress(ProcessLookupError):
            self.process.kill()
        await self.ends()


def _environment(settings: Settings) -> dict[str, str]:
    return {
        "JOBLOG_BOOTSTRAP_SERVERS": settings.bootstrap_servers,
        "JOBLOG_NAMESPACE": settings.namespace,
        "JOBLOG_PARTITIONS": str(settings.partitions),
        "JOBLOG_SESSION_TIMEOUT_MS": str(settings.session_timeout_ms),
        "JOBLOG_HEARTBEAT_INTERVAL_MS": str(settings.heartbeat_interval_ms),
    }


@asynccontextmanager
async def served(service: DelayService) -> AsyncIterator[None]:
    """Run a delay service in this process, and stop it in good order."""
    running = asyncio.create_task(service.run())
    try:
        yield
    finally:
        service.stop()
        await running


class Scheduled(NamedTuple):
    """A job that waits."""

    job_id: str
    due: int


async def defer(publisher: KafkaPublisher, settings: Settings, jobs: Iterable[Scheduled]) -> None:
    """Put jobs into the tiers where the scheduler would put them now."""
    topics, now = TopicMap.of(settings), now_ms()
    await publisher.publish(
        [
            record_of(
                topics.delay(tier_for(job.due - now)).name,
                partition_of(job.job_id.encode(), settings.partitions),
                JobDeferred(event_id=job.job_id, time=now, job_id=job.job_id, due=job.due),
            )
            for job in jobs
        ]
    )


def record_of(topic: str, partition: int, event: Event) -> Outbound:
    headers = headers_for(type(event).__name__, event.event_id, event.time, "/tests")
    key = event.job_id.encode() if isinstance(event, JobDeferred) else None
    return Outbound(topic, partition, key, CODEC.encode(event), headers)


class Follower:
    """Reads a topic from its beginning on, as records come."""

    def __init__(self, settings: Settings, topic: str) -> None:
        self.records: list[Inbound] = []
        self._partitions = [TopicPartition(topic, n) for n in range(settings.partitions)]
        self._consumer = AIOKafkaConsumer(**client_options(settings), enable_auto_commit=False)

    async def __aenter__(self) -> Self:
        await self._consumer.start()
        self._consumer.assign(self._partitions)
        await self._consumer.seek_to_beginning(*self._partitions)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._consumer.stop()

    async def until(self, reached: Callable[[], object], seconds: float = TIMEOUT) -> None:
        """Read on until a condition is met."""
        deadline = time.monotonic() + seconds
        while not reached():
            assert time.monotonic() < deadline, f"not reached; {len(self.records)} records"
            for records in (await self._consumer.getmany(timeout_ms=100)).values():
                self.records += map(inbound, records)

    async def until_caught_up(self) -> None:
        """Read on to the present end."""
        end = sum((await self._consumer.end_offsets(self._partitions)).values())
        await self.until(lambda: len(self.records) >= end)

    @property
    def wake_ups(self) -> list[tuple[Inbound, DelayElapsed]]:
        """The wake-ups among the records."""
        events = ((record, CODEC.decode(record.value or b"")) for record in self.records)
        return [(record, event) for record, event in events if isinstance(event, DelayElapsed)]

    @property
    def woken(self) -> Counter[str]:
        """How often each job was woken."""
        return Counter((record.key or b"").decode() for record in self.records if record.key)


async def ends_of(settings: Settings) -> Mapping[str, int]:
    """How many records each tier has ever had, over all partitions."""
    topics = TopicMap.of(settings)
    return {tier.name: sum(await _ends(settings, topics.delay(tier).name)) for tier in TIERS}


async def starts_of(settings: Settings, topic: str) -> list[int]:
    """The first offset that each partition of a topic still has."""
    async with _reader(settings) as reader:
        partitions = [TopicPartition(topic, n) for n in range(settings.partitions)]
        return list((await reader.beginning_offsets(partitions)).values())


async def _ends(settings: Settings, topic: str) -> list[int]:
    async with _reader(settings) as reader:
        partitions = [TopicPartition(topic, n) for n in range(settings.partitions)]
        return list((await reader.end_offsets(partitions)).values())


@asynccontextmanager
async def _reader(settings: Settings) -> "AsyncIterator[AIOKafkaConsumer]":
    consumer = AIOKafkaConsumer(**client_options(settings))
    await consumer.start()
    try:
        yield consumer
    finally:
        await consumer.stop()


async def committed(settings: Settings) -> Mapping[tuple[str, int], int]:
    """The offsets that the group holds, by topic and partition."""
    async with connected_admin(settings) as admin:
        offsets = await admin.list_consumer_group_offsets(group_of(settings))
    return {(at.topic, at.partition): found.offset for at, found in offsets.items()}
