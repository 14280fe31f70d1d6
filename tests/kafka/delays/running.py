"""Runs delay services, and does to their topics what the scheduler does."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition

from joblog.lifecycle.delays import TIERS, tier_for
from joblog.lifecycle.partitioner import partition_of
from joblog.processors.delays.consumer import group_of
from joblog.processors.delays.observer import DelaysObserver, Unobserved
from joblog.processors.delays.service import DelayService
from joblog.schemas.models import DelayElapsed, Event, JobDeferred
from joblog.streams.cloudevents import headers_for
from joblog.streams.kafka import (
    KafkaPublisher,
    check_topics,
    client_options,
    connected_admin,
)
from joblog.streams.machine_clock import now_ms
from joblog.streams.records import Inbound, Outbound
from joblog.streams.settings import Settings
from joblog.streams.topics import TopicMap
from tests.kafka.running import CODEC, TopicFollower


async def delay_service(
    settings: Settings,
    observer: DelaysObserver | None = None,
    clock: Callable[[], int] = now_ms,
) -> DelayService:
    """Return a delay service that has yet to be run."""
    log = await check_topics(settings)
    return DelayService(settings, observer or Unobserved(), clock, log)


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


class Follower(TopicFollower):
    """Reads wake-ups, or any topic of delay services."""

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
