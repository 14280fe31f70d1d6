"""The dead-letter queue of a log: reads it, tells what is still open, redrives and discards."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import Final

from aiokafka import TopicPartition

from joblog.lifecycle.dead_letters import original_of
from joblog.processors.dead_letters.errors import NoJobError, OriginalGoneError
from joblog.processors.dead_letters.letters import DeadLetter, Selection, letter_of
from joblog.processors.dead_letters.redriven import RedrivenRecords
from joblog.processors.dead_letters.remedies import Remedies, Request
from joblog.processors.dead_letters.standing import (
    JobState,
    Judged,
    LookUp,
    Standing,
    is_of_job,
    standing_of_job,
)
from joblog.schemas.models import OriginalRecord
from joblog.streams.abc import Publisher
from joblog.streams.kafka.inbound import inbound
from joblog.streams.kafka.log_reader import LogReader
from joblog.streams.settings import Settings
from joblog.streams.topics import TopicMap

LOOK_UPS_AT_ONCE: Final = 32

Progress = Callable[[int, int], None]
"""Told (records read, records there are) as a scan goes on."""


def no_progress(_: int, __: int) -> None:
    """Take no notice."""


class DeadLetters:
    """The dead letters of a log.

    Args:
        settings: where Kafka is, and which topics there are.
        look_up: finds a job's state.
        publisher: writes what redrives and discards.
        remedies: makes what redrives and discards.
    """

    def __init__(
        self, settings: Settings, look_up: LookUp, publisher: Publisher, remedies: Remedies
    ) -> None:
        self._settings = settings
        self._topics = TopicMap.of(settings)
        self._look_up = look_up
        self._publisher = publisher
        self._remedies = remedies
        self._limit = asyncio.Semaphore(LOOK_UPS_AT_ONCE)

    async def all(
        self, selection: Selection, progress: Progress = no_progress
    ) -> AsyncIterator[list[DeadLetter]]:
        """Yield the dead letters that are meant, whatever became of them, in batches.

        A scheduler that crashes may repeat one under the same event id: it is yielded once.
        """
        seen: set[tuple[int, str]] = set()
        topic = self._topics.dead_letters
        partitions = [TopicPartition(topic.name, number) for number in range(topic.partitions)]
        async with LogReader(self._settings) as reader:
            starts, ends = await reader.starts(partitions), await reader.ends(partitions)
            done, total = 0, sum(ends.values()) - sum(starts.values())
            progress(done, total)
            async for records in reader.read(starts):
                letters = [letter_of(inbound(record)) for record in records]
                meant = [found for found in letters if found is not None and selection.has(found)]
                yield list(_new(meant, seen))
                done += len(records)
                progress(done, total)

    async def open(
        self, selection: Selection, progress: Progress = no_progress
    ) -> AsyncIterator[list[Judged]]:
        """Yield the dead letters that are meant and still to be dealt with, in batches."""
        redriven = RedrivenRecords(self._settings)
        async for letters in self.all(selection, progress):
            judged = await self.judge(letters, redriven)
            yield [found for found in judged if found.standing == Standing.OPEN]

    async def judge(
        self, letters: Sequence[DeadLetter], redriven: RedrivenRecords | None = None
    ) -> list[Judged]:
        """Return how things stand with some dead letters, given in their order."""
        known = redriven or RedrivenRecords(self._settings)
        jobs = await asyncio.gather(*(self._job_of(letter) for letter in letters))
        return [
            await self._judge(letter, job, known) for letter, job in zip(letters, jobs, strict=True)
        ]

    async def redrive(self, judged: Sequence[Judged], request: Request) -> None:
        """Send jobs and records on their way again; all are acknowledged when it returns.

        Raises:
            OriginalGoneError: a record was too large for its dead letter, and is not in the log.
            PublishError: not all were acknowledged.
        """
        records = [
            self._remedies.redrive_job(found.letter, request)
            if found.is_of_job
            else self._remedies.redrive_record(found.letter, await self._original(found.letter))
            for found in judged
        ]
        await self._publisher.publish(records)

    async def discard(self, judged: Sequence[Judged], request: Request) -> None:
        """Mark jobs' dead letters as dealt with; all is acknowledged when it returns.

        Raises:
            NoJobError: a dead letter is a record's; nothing was written.
            PublishError: not all were acknowledged.
        """
        for found in judged:
            if not found.is_of_job:
                raise NoJobError(found.letter.reference)
        await self._publisher.publish(
            [self._remedies.discard_job(found.letter, request) for found in judged]
        )

    async def _judge(
        self, letter: DeadLetter, job: JobState | None, redriven: RedrivenRecords
    ) -> Judged:
        if job is not None and is_of_job(letter, job, self._topics.events.name):
            return Judged(letter, standing_of_job(letter, job), is_of_job=True)
        standing = Standing.REDRIVEN if await redriven.has(letter) else Standing.OPEN
        return Judged(letter, standing, is_of_job=False)

    async def _job_of(self, letter: DeadLetter) -> JobState | None:
        if not letter.event.job_id:
            return None
        async with self._limit:
            return await self._look_up(letter.event.job_id)

    async def _original(self, letter: DeadLetter) -> OriginalRecord:
        original = letter.event.original
        if original.value is not None:
            return original
        async with LogReader(self._settings) as reader:
            at = TopicPartition(original.topic, original.partition)
            found = await reader.record(at, original.offset)
        if found is None:
            raise OriginalGoneError(original.topic, original.partition, original.offset)
        return original_of(found)


def _new(letters: Sequence[DeadLetter], seen: set[tuple[int, str]]) -> Iterator[DeadLetter]:
    for letter in letters:
        name = (letter.partition, letter.event.event_id)
        if name not in seen:
            seen.add(name)
            yield letter
