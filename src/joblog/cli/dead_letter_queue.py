"""The dead-letter queue, wired for a command."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from joblog.client import Client
from joblog.client.errors import JobNotFoundError
from joblog.client.ids import Uuid7
from joblog.processors.dead_letters.queue import DeadLetters
from joblog.processors.dead_letters.remedies import Remedies
from joblog.processors.dead_letters.standing import JobState
from joblog.streams.kafka import KafkaPublisher
from joblog.streams.machine_clock import now_ms
from joblog.streams.settings import Settings
from joblog.streams.topics import TopicMap

LOOK_UP_SECONDS: Final = 10.0


@asynccontextmanager
async def connected_queue(settings: Settings) -> AsyncIterator[DeadLetters]:
    """Connect to Kafka and the schedulers."""
    async with Client(settings) as client, KafkaPublisher(settings) as publisher:

        async def look_up(job_id: str) -> JobState | None:
            try:
                job = await client.get(job_id, timeout=LOOK_UP_SECONDS)
            except JobNotFoundError:
                return None
            return JobState(
                job.generation, job.status, job.discarded, job.partition, job.submission_offset
            )

        remedies = Remedies(TopicMap.of(settings).events.name, Uuid7(now_ms, os.urandom), now_ms)
        yield DeadLetters(settings, look_up, publisher, remedies)
