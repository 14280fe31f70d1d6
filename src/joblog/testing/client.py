"""The client of a joblog in memory."""

import random
from collections.abc import Iterable, Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Final, Self

from joblog.client.client import Client
from joblog.client.connection import Ports
from joblog.client.job import Job, Submitted
from joblog.processors.memory.handlers import WORKER, HandlerWorkers
from joblog.processors.memory.joblog import MemoryJoblog
from joblog.processors.worker.declarations import schemas_to_announce, types_to_announce
from joblog.processors.worker.registry import HANDLERS, Registry
from joblog.processors.worker.writer_schemas import WriterSchemas
from joblog.schemas.codec import Codec
from joblog.schemas.models import Event, JobDeadLettered, JobRedriven, SchemaAnnounced
from joblog.streams.memory.clock import START_MS, VirtualClock
from joblog.streams.records import Inbound
from joblog.streams.settings import Settings
from joblog.streams.topic import Topic
from joblog.testing.connection import MemoryConnection
from joblog.testing.handed import with_clients

SEED: Final = 0
_MILLISECOND: Final = timedelta(milliseconds=1)
_EPOCH: Final = datetime.fromtimestamp(0, UTC)


class MemoryClient(Client):
    """A `Client` whose log, scheduler, delay service and workers are in memory; use it as one.

    Everything is the production code but Kafka and the worker's process: handlers run one at a time, coroutine
    functions in this event loop, others in a thread. Nothing happens by itself. `run` lets happen what can
    happen now; so do `get`, `cancel`, `wait` and `result`. Time passes only by `advance`, and where `wait` and
    `result` wait. The same calls give the same events, ids included. What handlers share is opened as in a
    worker, but for a `Client` or a `SyncClient`: whoever asks for one gets this.

    Args:
        handlers: the handlers. Defaults to all that `@job` has declared in what is imported.
        settings: lanes, limits, partitions. Defaults to those of the environment, with the handlers' lanes.
        start: the time at which the clock stands at first. Defaults to 2026-01-01T00:00:00Z.

    Raises:
        HandlerError: a handler asks for what no resource gives.
        ScopeError: a resource or a middleware does, or resources need each other.
    """

    def __init__(
        self,
        handlers: Registry = HANDLERS,
        *,
        settings: Settings | None = None,
        start: datetime | None = None,
    ) -> None:
        handlers = with_clients(handlers, self)
        settings = settings or Settings()
        lanes = (*settings.lanes, *(one for one in handlers.lanes if one not in settings.lanes))
        settings = settings.model_copy(update={"lanes": lanes})
        handlers.check_needs()
        clock = VirtualClock(START_MS if start is None else (start - _EPOCH) // _MILLISECOND)
        self._clock = clock
        self._scope = handlers.scope()
        self._workers = HandlerWorkers(settings, handlers, self._scope, clock)
        self._memory = MemoryJoblog(settings, self._workers, clock=clock)
        self._schemas_of = schemas_to_announce(handlers, WriterSchemas(Codec()))
        self._types = types_to_announce(handlers, {}, clock(), WORKER)
        randomness = random.Random(SEED).randbytes  # noqa: S311 - the same ids each time
        ports = Ports(MemoryConnection(self._memory, self._types), clock, randomness)
        super().__init__(settings, name="test", ports=ports)
        self._exits = AsyncExitStack()

    async def __aenter__(self) -> Self:
        """Open the handlers' resources and the log, and declare the handlers.

        Raises:
            ResourceFailedError: a resource does not open.
        """
        async with AsyncExitStack() as stack:
            stack.callback(self._workers.close)
            stack.push_async_callback(self._scope.resources.close)
            await self._scope.resources.open()
            await stack.enter_async_context(self._memory)
            for schema in self._schemas_of:
                await self._memory.declare(SchemaAnnounced.of(schema, self._clock()))
            for type_ in self._types:
                await self._memory.declare(type_)
            await self._memory.run_until_idle()
            self._exits = stack.pop_all()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the handlers' resources; what has not happened yet never does."""
        await self._exits.aclose()

    @property
    def now(self) -> datetime:
        """The time of the virtual clock, in UTC."""
        return datetime.fromtimestamp(self._clock() / 1_000, UTC)

    async def run(self) -> None:
        """Let happen all that can happen now: decisions, attempts, retries that are due."""
        await self._memory.run_until_idle()

    async def advance(self, by: timedelta) -> None:
        """Let time pass; what comes due on the way happens at its own moment.

        Args:
            by: how long, not negative.
        """
        await self._memory.advance(by // _MILLISECOND)

    async def redrive(self, job: str | Submitted | Job) -> Job:
        """Give a job that is at its end another generation, as `joblog dlq redrive` does, and return it.

        Raises:
            JobNotFoundError: there is none of that id.
        """
        found = await self.get(job)
        generation = found.generation + 1
        await self._memory.publish(
            JobRedriven(
                event_id=f"redrive-{found.job_id}-{generation}",
                time=self._clock(),
                job_id=found.job_id,
                generation=generation,
                requested_by="test",
            )
        )
        return await self.get(job)

    async def events(self, job: str | Submitted | Job) -> list[Event]:
        """Return all that the log says about a job, by topic: events, dispatches, delays, dead letters."""
        await self._memory.run_until_idle()
        key = (job if isinstance(job, str) else job.job_id).encode()
        topics = self._memory.topics
        wanted = (topics.events, *topics.works, *topics.delays, topics.dead_letters)
        codec = Codec()
        return [
            codec.decode(record.value or b"")
            for record in self._records_of(wanted)
            if record.key == key
        ]

    async def dead_letters(self) -> list[JobDeadLettered]:
        """Return all dead letters of jobs."""
        await self._memory.run_until_idle()
        codec, records = Codec(), self._records_of([self._memory.topics.dead_letters])
        events = (codec.decode(record.value or b"") for record in records)
        return [event for event in events if isinstance(event, JobDeadLettered)]

    def _records_of(self, topics: Iterable[Topic]) -> Iterator[Inbound]:
        """Yield all records of some topics, partition by partition."""
        for topic in topics:
            for partition in range(topic.partitions):
                yield from self._memory.log.read(topic.name, partition)
