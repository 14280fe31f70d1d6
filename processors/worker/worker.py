"""A worker: declares its handlers, runs the work of their lanes, and ends in good order."""

import asyncio
import logging
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from typing import Any, Final

from joblog.processors.worker.assembly import Parts, Surroundings
from joblog.processors.worker.clock import Clock
from joblog.processors.worker.declarations import Declarations
from joblog.processors.worker.errors import StopTimeoutError
from joblog.processors.worker.handlers import PROCESS
from joblog.processors.worker.observer import WorkerObserver
from joblog.processors.worker.registry import Registry
from joblog.processors.worker.runner import MS, STOP_SECONDS
from joblog.processors.worker.scope.errors import ResourceFailedError
from joblog.streams.abc import Publisher
from joblog.streams.kafka.follower import Follower
from joblog.streams.kafka.topic_watch import Found, LogIdentity, watch_topics
from joblog.streams.settings import Settings
from joblog.streams.topics import TopicMap

logger = logging.getLogger(__name__)

TEND_SECONDS: Final = 0.1
"""Time between two looks at what is due by the clock: signs of life, commits of what is settled."""

STOP_MARGIN_SECONDS: Final = 10.0
"""Time to report, commit and leave the groups, beside the waits for running attempts."""

FAREWELL_SECONDS: Final = 2.0
"""Time to leave the groups after a failure, so that others need not wait for the session's end."""


class Worker:
    """One worker process's work.

    Args:
        settings: where Kafka is, which topics there are, how much may run at once.
        registry: the handlers.
        publisher: writes records.
        log_id: the log.
        worker_id: names this worker in its reports; no other worker, now or before, has it.
        clock: the clocks.
        observer: watches.

    Raises:
        NoHandlersError: there are no handlers.
        HandlerError: a handler cannot be imported by its name, asks for what no resource gives, or its lane
            is none of the log's.
        ScopeError: the same of a resource or a middleware.
    """

    def __init__(  # noqa: PLR0913 - what a worker is told at its start
        self,
        settings: Settings,
        registry: Registry,
        publisher: Publisher,
        *,
        log_id: str,
        worker_id: str,
        clock: Clock,
        observer: WorkerObserver,
    ) -> None:
        registry.check(settings.lanes)
        self._settings = settings
        self._registry = registry
        self._publisher = publisher
        self._log_id = log_id
        self._worker_id = worker_id
        self._clock = clock
        self._observer = observer
        self._stopping = asyncio.Event()
        self._failed = asyncio.Event()
        self._failure: BaseException | None = None
        self._attempts: set[asyncio.Task[None]] = set()
        self._parts: Parts | None = None

    @property
    def ready(self) -> bool:
        """Whether the groups have given this worker its partitions."""
        return self._parts is not None and all(lane.ready for lane, _ in self._parts.lanes)

    @property
    def unstoppable(self) -> int:
        """How many handlers have not ended although they were cancelled."""
        return len(self._attempts)

    def stop(self) -> None:
        """Ask it to stop: to begin nothing more, finish or hand back what runs, and return from `run`."""
        self._stopping.set()

    async def run(self) -> None:
        """Work until asked to stop.

        Raises:
            KafkaUnavailableError: no broker answers, or none lets this client in.
            ConflictingSchemaError: a payload's schema cannot be told from another one.
            PublishError: something was not acknowledged; nothing more was committed.
            KafkaError: reading or committing has failed for good.
            ClaimUnreadableError: what a former worker had claimed cannot be read.
            WorkGoneError: records are gone that no worker had finished.
            LogGoneError: the events topic was deleted, or made anew.
            StopTimeoutError: it did not manage to stop in time.
            ResourceFailedError: a resource did not open or close.
        """
        cause: BaseException | None = None
        try:
            async with asyncio.TaskGroup() as group:
                self._parts = Parts(self._surroundings())
                await self._serve(group, self._parts)
        except BaseExceptionGroup as failures:
            cause = _first(failures)
            raise cause from failures
        finally:
            if self._parts is not None:
                await self._close(self._parts, cause)

    async def _serve(self, group: asyncio.TaskGroup, parts: Parts) -> None:
        topics = TopicMap.of(self._settings)
        schemas = Follower(self._settings, topics.schemas.name)
        control = Follower(self._settings, topics.control.name)
        works = {
            "report": parts.reporter.run(),
            "purge": parts.purge.run(),
            "follow schemas": self._learn(schemas, parts),
            "follow control": self._obey(control, parts),
            "tend": self._tend(parts),
            "watch topics": self._watch(parts),
            "fail": self._raise_failure(),
        }
        background = [group.create_task(work, name=name) for name, work in works.items()]
        for _, claiming in parts.lanes:
            background.append(group.create_task(claiming.run(), name="claim"))
        reading = group.create_task(self._read([schemas, control], parts), name="read")
        await self._stopping.wait()
        reading.cancel()  # it may still be on its way to begin
        await asyncio.wait([reading])
        await self._finish(parts)
        for task in background:
            task.cancel()

    async def _read(self, followers: Sequence[Follower], parts: Parts) -> None:
        for follower in followers:
            await follower.caught_up.wait()
        await parts.scope.resources.open()
        await self._declare(parts)
        if any(handler.run_in == PROCESS for handler in self._registry):
            await parts.processes.prepare()
        for lane, _ in parts.lanes:
            await lane.start()
        async with asyncio.TaskGroup() as group:
            group.create_task(parts.scope.resources.watch(), name="watch resources")
            for lane, _ in parts.lanes:
                group.create_task(lane.read(), name="read a lane")

    async def _declare(self, parts: Parts) -> None:
        declarations = Declarations(
            self._settings, self._publisher, parts.schemas, self._worker_id, self._clock.now_ms
        )
        await declarations.declare(self._registry)
        types = sorted(handler.type for handler in self._registry)
        logger.info("takes jobs of the types %s", ", ".join(types))

    async def _learn(self, follower: Follower, parts: Parts) -> None:
        async for record in follower.records():
            parts.schemas.learn(record)

    async def _obey(self, follower: Follower, parts: Parts) -> None:
        async for record in follower.records():
            request = parts.cancels.learn(record)
            if request is not None:
                parts.runner.cancel(request)

    async def _watch(self, parts: Parts) -> None:
        identity = LogIdentity(self._settings, self._log_id)
        lanes = {lane.topic: lane for lane, _ in parts.lanes}

        async def seen(_: object, found: Found) -> bool:
            is_sure = identity.check(found)
            for name, lane in lanes.items():
                lane.found(str(found[name].topic_id) if name in found else None)
            return is_sure

        await watch_topics(self._settings, [identity.topic, *lanes], seen)

    async def _tend(self, parts: Parts) -> None:
        while True:
            await asyncio.sleep(TEND_SECONDS)
            parts.runner.tend()
            for lane, _ in parts.lanes:
                lane.tend()

    async def _finish(self, parts: Parts) -> None:
        settings = self._settings.worker
        grace = settings.shutdown_grace_ms / MS
        ends = self._clock.monotonic() + grace
        seconds = grace + STOP_MARGIN_SECONDS
        try:
            async with asyncio.timeout(seconds):
                wait = min(grace, settings.revoke_wait_ms / MS)
                await asyncio.gather(*(lane.leave(wait) for lane, _ in parts.lanes))
                await parts.runner.finish(max(0, ends - self._clock.monotonic()))
        except TimeoutError as error:
            raise StopTimeoutError(seconds) from error

    async def _close(self, parts: Parts, cause: BaseException | None) -> None:
        for task in self._attempts:
            task.cancel()
        if self._attempts:
            await asyncio.wait(self._attempts, timeout=STOP_SECONDS)
        with suppress(TimeoutError):
            async with asyncio.timeout(FAREWELL_SECONDS):
                await asyncio.gather(*(lane.close() for lane, _ in parts.lanes))
        parts.threads.close()
        try:
            await parts.processes.close()
        finally:
            await self._close_resources(parts, cause)

    async def _close_resources(self, parts: Parts, cause: BaseException | None) -> None:
        try:
            await parts.scope.resources.close()
        except ResourceFailedError as error:
            if cause is None:
                raise
            if error is not cause:
                cause.add_note(str(error))  # why the worker ends is what is to be seen first

    async def _raise_failure(self) -> None:
        await self._failed.wait()
        if self._failure is not None:
            raise self._failure

    def _spawn(self, attempt: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        """Start an attempt's task; not in the group, which would wait for one that cannot be stopped."""
        task = asyncio.create_task(attempt)
        self._attempts.add(task)
        task.add_done_callback(self._attempt_ended)
        return task

    def _attempt_ended(self, task: "asyncio.Task[None]") -> None:
        self._attempts.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._fail(error)

    def _fail(self, error: BaseException) -> None:
        self._failure = self._failure or error
        self._failed.set()

    def _surroundings(self) -> Surroundings:
        return Surroundings(
            settings=self._settings,
            registry=self._registry,
            publisher=self._publisher,
            log_id=self._log_id,
            worker=self._worker_id,
            clock=self._clock,
            observer=self._observer,
            spawn=self._spawn,
            fail=self._fail,
        )


def _first(failures: BaseExceptionGroup[BaseException]) -> BaseException:
    """Return the first failure: what made the others fail too."""
    first = failures.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first
