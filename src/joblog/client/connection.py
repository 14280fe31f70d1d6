"""The seam between a client and the log that it talks to."""

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Protocol, Self

from aiohttp import ClientSession
from aiokafka import TopicPartition

from joblog.client.announced import Announced
from joblog.client.calls import Calls
from joblog.client.job import Job, Submitted
from joblog.client.questions import Questions
from joblog.client.schemas import announced_schemas
from joblog.client.sender import Sender
from joblog.processors.scheduler.pages import Wanted
from joblog.schemas.avro_schema import AvroSchema
from joblog.schemas.models import LimitsAnnounced, TypeAnnounced
from joblog.streams.kafka import check_topics
from joblog.streams.kafka.log_reader import LogReader
from joblog.streams.machine_clock import now_ms
from joblog.streams.records import Outbound, Position
from joblog.streams.settings import Settings
from joblog.streams.topics import TopicMap


class Connection(Protocol):
    """A log to write to, and schedulers to ask."""

    @property
    def types(self) -> Mapping[str, TypeAnnounced]:
        """The job types that were announced so far, by name."""
        ...

    @property
    def limits(self) -> LimitsAnnounced | None:
        """The limits of the log, None while nobody has announced them."""
        ...

    async def open(self) -> None:
        """Connect.

        Raises:
            KafkaUnavailableError: no broker answers, or none lets this client in.
            TopicMissingError: a topic does not exist.
            TopicMismatchError: a topic has other partitions than the settings say.
        """
        ...

    async def close(self) -> None:
        """Disconnect, once all that was sent is acknowledged; what waits for an answer ends at once."""
        ...

    async def schemas(self) -> Mapping[bytes, AvroSchema]:
        """Return the schemas that are announced now, by fingerprint.

        Raises:
            KafkaUnavailableError: no broker answers.
            ClientClosedError: the client was closed before the answer came.
        """
        ...

    async def send(self, records: Sequence[Outbound]) -> Sequence[Position]:
        """Send records and return their positions; all are acknowledged when it returns.

        Raises:
            KafkaUnavailableError: no broker answers; nothing was sent.
            RecordTooLargeError: a record is larger than its topic takes; nothing was sent.
            UnconfirmedError: not all were acknowledged.
            ClientClosedError: the client is closed; nothing was sent.
        """
        ...

    async def get(self, job: str | Submitted | Job, timeout: float) -> Job:
        """Return a job as of now, or as of what is known of it, within `timeout` seconds.

        Raises:
            JobNotFoundError: there is none of that id.
            SchedulerUnavailableError: nobody could say in time.
            KafkaUnavailableError: Kafka, which knows whom to ask, cannot be read.
            ClientClosedError: the client was closed before the answer came.
        """
        ...

    async def wait(self, job: str | Submitted | Job, timeout: float) -> Job:
        """Return a job at its end, by `timeout` seconds.

        Raises:
            JobNotFoundError: there is none of that id.
            JobTimeoutError: it was not at its end in time.
            SchedulerUnavailableError: no scheduler has announced itself in time.
            KafkaUnavailableError: Kafka, which knows whom to ask, cannot be read.
            ClientClosedError: the client was closed before the answer came.
        """
        ...

    async def page(
        self, partition: int, wanted: Wanted, behind: str, timeout: float
    ) -> tuple[list[Job], str | None]:
        """Return some jobs of a partition, and behind which id the next page begins, None at the end.

        Raises:
            SchedulerUnavailableError: nobody could say in time.
            KafkaUnavailableError: Kafka, which knows whom to ask, cannot be read.
            ClientClosedError: the client was closed before the answer came.
        """
        ...


@dataclass(frozen=True)
class Ports:
    """All that comes into a client from outside.

    Attributes:
        connection: the log.
        now_ms: gives ms since the Unix epoch.
        randomness: gives so many unpredictable bytes.
    """

    connection: Connection
    now_ms: Callable[[], int]
    randomness: Callable[[int], bytes]

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Return those of a client of Kafka."""
        return cls(KafkaConnection(settings), now_ms, os.urandom)


class KafkaConnection:
    """A Connection to Kafka, and to the schedulers that announce themselves there.

    Args:
        settings: where Kafka is, and which log.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._announced = Announced(settings)
        self._sender = Sender(settings)
        self._questions: Questions | None = None
        self._open = AsyncExitStack()
        self._calls = Calls()

    @property
    def types(self) -> Mapping[str, TypeAnnounced]:
        """See `Connection`."""
        return self._announced.types

    @property
    def limits(self) -> LimitsAnnounced | None:
        """See `Connection`."""
        return self._announced.limits

    async def open(self) -> None:
        """See `Connection`."""
        await check_topics(self._settings)
        async with AsyncExitStack() as stack:
            session = await stack.enter_async_context(ClientSession())
            stack.push_async_callback(self._announced.stop)
            await self._announced.start()
            stack.push_async_callback(self._sender.stop)
            self._questions = Questions(
                self._announced, session, self._settings.partitions, self._end_of
            )
            self._calls = Calls()
            self._open = stack.pop_all()

    async def close(self) -> None:
        """See `Connection`."""
        await self._calls.close()
        await self._open.aclose()

    async def schemas(self) -> Mapping[bytes, AvroSchema]:
        """See `Connection`."""
        async with self._calls.one():
            return await announced_schemas(self._settings)

    async def send(self, records: Sequence[Outbound]) -> Sequence[Position]:
        """See `Connection`."""
        self._calls.refuse_if_closed()
        return await self._sender.send(records)

    async def get(self, job: str | Submitted | Job, timeout: float) -> Job:
        """See `Connection`."""
        async with self._calls.one():
            return await self._asked.get(job, timeout)

    async def wait(self, job: str | Submitted | Job, timeout: float) -> Job:
        """See `Connection`."""
        async with self._calls.one():
            return await self._asked.wait(job, timeout)

    async def page(
        self, partition: int, wanted: Wanted, behind: str, timeout: float
    ) -> tuple[list[Job], str | None]:
        """See `Connection`."""
        async with self._calls.one():
            return await self._asked.page(partition, wanted, behind, timeout)

    @property
    def _asked(self) -> Questions:
        if self._questions is None:
            raise RuntimeError("the client is not connected: use it as an async context manager")
        return self._questions

    async def _end_of(self, partition: int) -> int:
        at = TopicPartition(TopicMap.of(self._settings).events.name, partition)
        async with LogReader(self._settings) as reader:
            return (await reader.ends([at]))[at]
