"""Log, scheduler, delay service and workers in one object; nothing in it waits."""

from collections import deque
from types import TracebackType
from typing import Final, Self

from joblog.lifecycle.partition.fold import PartitionFold
from joblog.lifecycle.partition.view import StateView
from joblog.lifecycle.partitioner import partition_of
from joblog.processors.memory.cursor import Cursor
from joblog.processors.memory.delays import MemoryDelays
from joblog.processors.memory.scheduler import MemoryScheduler
from joblog.processors.memory.workers import Dispatches, ScriptedWorkers, Workers
from joblog.processors.scheduler.breaker import Breaker
from joblog.processors.scheduler.bulletin import Bulletin, declared, limits_announced, name_of
from joblog.processors.scheduler.outbound import Addresses
from joblog.processors.scheduler.pacing import CommitPacing
from joblog.processors.scheduler.partition import Shared
from joblog.schemas.codec import Codec
from joblog.schemas.models import Event, JobEvent, LogOpened, SchemaAnnounced
from joblog.schemas.state import JobRow
from joblog.streams.cloudevents import headers_for
from joblog.streams.memory.clock import VirtualClock
from joblog.streams.memory.log import MemoryLog
from joblog.streams.memory.publisher import MemoryPublisher
from joblog.streams.records import Inbound, Outbound, Position
from joblog.streams.settings import Settings
from joblog.streams.topic import Topic
from joblog.streams.topics import TopicMap

SOURCE: Final = "/joblog/memory"


class MemoryJoblog:
    """A whole joblog that runs in memory, under a virtual clock: same input, same bytes.

    Use it as an async context manager.

    Args:
        settings: namespace, partitions, lanes, limits and the scheduler's pacing.
        workers: run what is dispatched. Defaults to nobody.
        clock: the clock. Defaults to one that begins at the start of 2026.
        log_id: id of the log. Defaults to `memory`.

    Attributes:
        clock: the clock; `advance` of this object moves it.
        topics: the topics.
        log: the records of all topics.
        publisher: writes records.
    """

    def __init__(
        self,
        settings: Settings,
        workers: Workers | None = None,
        *,
        clock: VirtualClock | None = None,
        log_id: str = "memory",
    ) -> None:
        self.clock = clock or VirtualClock()
        self.topics = TopicMap.of(settings)
        self.log = MemoryLog(self.topics, self.clock)
        self.publisher = MemoryPublisher(self.log, self.topics)
        self._settings = settings
        self._log_id = log_id
        self._codec = Codec()
        self._bulletin = Bulletin(self.clock)
        self._scheduler = MemoryScheduler(self.log, settings.partitions, self._shared())
        self._delays = MemoryDelays(settings, self.publisher, self.clock)
        self._workers = workers or ScriptedWorkers(self.topics)
        self._dispatches = Dispatches()
        self._unrun: deque[Inbound] = deque()
        self._declarations = Cursor(self.log, (self.topics.config, self.topics.schemas))
        self._delayed = Cursor(self.log, self.topics.delays)
        self._dispatched = Cursor(self.log, self.topics.works)

    async def __aenter__(self) -> Self:
        """Open the log, declare its limits, and take all partitions over."""
        topic = self.topics.events
        openings = [self._opening(partition) for partition in range(topic.partitions)]
        await self.publisher.publish(openings)
        now = self.clock()
        await self.declare(limits_announced(self._settings.announced_limits, now, now))
        await self._scheduler.open()
        await self.run_until_idle()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Commit, unless something failed."""
        if error is None:
            await self._scheduler.close()

    async def publish(self, event: JobEvent) -> Position:
        """Append an event of a job to the partition of its key; nothing reacts yet."""
        partition = partition_of(event.key, self.topics.events.partitions)
        return await self._append(self.topics.events, partition, event.key, event)

    async def declare(self, event: Event) -> Position:
        """Declare a type, limits, rules or a schema for the whole log; nothing reacts yet."""
        name = name_of(event)
        if name is None:
            raise TypeError(f"{type(event).__name__} declares nothing: publish it instead")
        is_schema = isinstance(event, SchemaAnnounced)
        topic = self.topics.schemas if is_schema else self.topics.config
        return await self._append(topic, 0, name.encode(), event)

    async def run_until_idle(self) -> None:
        """Let everybody react to what is there, and to the reactions, until nothing is left to do now."""
        while await self._step():
            pass

    async def advance(self, ms: int) -> None:
        """Let time pass; what comes due on the way is done at its own moment.

        Args:
            ms: how long, 0 or more.
        """
        until = self.clock() + ms
        await self.run_until_idle()
        while (moment := self.next_at()) is not None and moment <= until:
            self.clock.advance(max(0, moment - self.clock()))
            await self.run_until_idle()
        self.clock.advance(max(0, until - self.clock()))  # a handler that waits lets time pass too
        await self.run_until_idle()

    def next_at(self) -> int | None:
        """Return when something comes due next, in ms since the Unix epoch; None where nothing does."""
        moments = (self._delays.next_at(), self._scheduler.next_at())
        return min((moment for moment in moments if moment is not None), default=None)

    def row(self, job_id: str) -> JobRow | None:
        """Return a job's row as decided so far."""
        return self._scheduler.row(
            job_id, partition_of(job_id.encode(), self.topics.events.partitions)
        )

    def fold(self, partition: int) -> PartitionFold:
        """Return the fold of a partition."""
        return self._scheduler.fold(partition)

    def committed(self, partition: int) -> StateView:
        """Return the committed state of a partition."""
        return self._scheduler.committed(partition)

    async def restart_scheduler(self) -> None:
        """Stop the scheduler in good order, and start it on an empty disk."""
        await self._scheduler.close()
        await self._scheduler.open()

    async def crash_scheduler(self) -> None:
        """Stop the scheduler before it commits, and start it on an empty disk."""
        await self._scheduler.crash()
        await self._scheduler.open()

    async def _step(self) -> bool:
        for record in self._declarations.take():
            event = declared(record, self._codec, self.topics)
            if event is not None:
                self._bulletin.declare(event)
            if record.topic == self.topics.schemas.name:
                self._workers.learn(record)
        before = self._written()
        folded = await self._scheduler.step()
        for record in self._delayed.take():
            self._delays.add(record)
        await self._delays.step()
        self._unrun.extend(self._dispatched.take())
        while self._unrun:  # a handler may let others run
            record = self._unrun.popleft()
            dispatch = self._dispatches.new(record)
            if dispatch is not None:
                await self.publisher.publish(await self._workers.run(record, dispatch))
        return folded or self._written() > before

    def _written(self) -> int:
        return sum(
            self.log.end(topic.name, partition)
            for topic in self.topics.all
            for partition in range(topic.partitions)
        )

    async def _append(self, topic: Topic, partition: int, key: bytes, event: Event) -> Position:
        headers = headers_for(type(event).__name__, event.event_id, event.time, SOURCE)
        record = Outbound(topic.name, partition, key, self._codec.encode(event), headers)
        return (await self.publisher.publish([record]))[0]

    def _opening(self, partition: int) -> Outbound:
        event = LogOpened(
            event_id=f"{self._log_id}/{partition}",
            time=self.clock(),
            log_id=self._log_id,
            partition=partition,
            partitions=self.topics.events.partitions,
        )
        return Addresses(self.topics).appended(event, partition)

    def _shared(self) -> Shared:
        return Shared(
            log_id=self._log_id,
            publisher=self.publisher,
            addresses=Addresses(self.topics),
            bulletin=self._bulletin,
            pacing=CommitPacing(self._settings.scheduler),
            make_breaker=lambda: Breaker(self._settings.scheduler),
            clock=self.clock,
            acknowledge=_nobody_is_told,
        )


def _nobody_is_told(_partition: int, _offset: int) -> None:
    """Let the state say where folding resumes: there is no consumer group."""
