"""A long log: what producers, scheduler, workers and delay service would have written of many jobs."""

import asyncio
import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import islice, zip_longest
from multiprocessing import get_context
from typing import Final

from aiokafka import AIOKafkaProducer

from benchmarks.preparation.ids import ids_of
from benchmarks.preparation.shapes import Made, Shapes
from benchmarks.preparation.story import STEPS, Place, Story
from joblog.lifecycle.delays import tier_for
from joblog.lifecycle.outputs import Destination
from joblog.processors.scheduler.outbound import Addresses
from joblog.schemas.models import TypeAnnounced
from joblog.streams.kafka import KafkaPublisher, producer_options
from joblog.streams.machine_clock import now_ms
from joblog.streams.settings import Settings
from joblog.streams.topics import TopicMap

AT_ONCE: Final = 100
"""Jobs of a partition that take a step together; as many begin each time, so that 700 are on their way."""

Written = tuple[Story, int, bytes, Made]
"""A job, which of its steps it takes, and the record's key and content."""


def write_log(settings: Settings, jobs: int) -> None:
    """Write the events of so many jobs to all topics they stand on, the partitions at once.

    No scheduler runs: what it would have put out is written too, and follows from where the records
    before it stand and from their log time.
    """
    with ProcessPoolExecutor(os.cpu_count(), get_context("spawn")) as pool:
        for _ in pool.map(partial(_in_process, settings, jobs), range(settings.partitions)):
            pass


def _in_process(settings: Settings, jobs: int, partition: int) -> None:
    asyncio.run(_write(settings, jobs, partition))


async def _write(settings: Settings, jobs: int, partition: int) -> None:
    await _Partition(settings, partition).write(ids_of(partition, settings.partitions, jobs))


class _Partition:
    """Writes the log of one partition."""

    def __init__(self, settings: Settings, partition: int) -> None:
        topics = TopicMap.of(settings)
        self._settings = settings
        self._partition = partition
        self._addresses = Addresses(topics)
        self._events = topics.events.name
        self._answers = {
            Destination.WORK: topics.works[0].name,
            Destination.DELAY: topics.delay(tier_for(0)).name,
        }
        options = producer_options(settings) | {"max_batch_size": topics.max_batch_bytes}
        self._producer = AIOKafkaProducer(**options)
        self._now = 0

    async def write(self, job_ids: Iterable[str]) -> None:
        """Write the events of these jobs, in their order."""
        await self._announce()
        await self._producer.start()
        try:
            for step in _steps(job_ids):
                await self._take(step)
        finally:
            await self._producer.stop()

    async def _announce(self) -> None:
        event = TypeAnnounced(event_id="type-noop", time=now_ms(), version=1, type="noop")
        async with KafkaPublisher(self._settings) as publisher:
            await publisher.publish([self._addresses.appended(event, self._partition)])

    async def _take(self, moves: list[tuple[Story, int]]) -> None:
        time = now_ms()
        records = [(story.key, story.next(step, time)) for story, step in moves]
        places = await self._sent(self._events, records)
        answers: dict[Destination, list[tuple[Story, Made]]] = {}
        for (story, step), place in zip(moves, places, strict=True):
            answer = story.answer(step, place)
            if answer is not None:
                answers.setdefault(answer.destination, []).append((story, answer.record))
        await asyncio.gather(*(self._answer(*answer) for answer in answers.items()))

    async def _answer(self, destination: Destination, answers: list[tuple[Story, Made]]) -> None:
        records = [(story.key, made) for story, made in answers]
        places = await self._sent(self._answers[destination], records)
        for (story, _), place in zip(answers, places, strict=True):
            story.answered(place)

    async def _sent(self, topic: str, records: list[tuple[bytes, Made]]) -> list[Place]:
        """Send records in one batch, which has one log time."""
        batch = self._producer.create_batch()
        for key, (value, headers) in records:
            if batch.append(timestamp=None, key=key, value=value, headers=headers) is None:
                raise ValueError(f"{len(records)} records are too many for a batch of {topic}")
        sent = await (await self._producer.send_batch(batch, topic, partition=self._partition))
        self._now = max(self._now, sent.timestamp)
        first, now = sent.offset, self._now
        return [
            Place(topic, self._partition, first + number, now) for number in range(len(records))
        ]


def _steps(job_ids: Iterable[str]) -> Iterator[list[tuple[Story, int]]]:
    """Yield what happens at once: the jobs of several waves in turn, each a step further than the next."""
    shapes, waiting = Shapes.at(now_ms()), iter(job_ids)
    waves: deque[list[Story]] = deque(maxlen=len(STEPS))
    waves.extendleft([[]] * len(STEPS))
    while True:
        waves.appendleft([Story(job_id, shapes) for job_id in islice(waiting, AT_ONCE)])
        if not any(waves):
            return
        yield [
            (story, step)
            for stories in zip_longest(*waves)
            for step, story in enumerate(stories)
            if story is not None
        ]
