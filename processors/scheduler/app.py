"""The scheduler's process: what it is made of, and how it runs.

`faust -A joblog.processors.scheduler.app agents` and `... tables` list its agent and its tables.
"""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from joblog.processors.scheduler.breaker import Breaker
from joblog.processors.scheduler.bulletin import Bulletin
from joblog.processors.scheduler.declarations import Declarations
from joblog.processors.scheduler.metrics import SchedulerMetrics, observe_partitions
from joblog.processors.scheduler.outbound import Addresses
from joblog.processors.scheduler.owner import Scheduler
from joblog.processors.scheduler.ownership import AnnouncedOwner
from joblog.processors.scheduler.pacing import CommitPacing
from joblog.processors.scheduler.partition import Shared
from joblog.processors.scheduler.passing_topics import PassingTopics
from joblog.processors.scheduler.queries import Queries
from joblog.streams.faust_app import Acknowledge, JoblogApp, build_app, run
from joblog.streams.kafka import KafkaPublisher, check_topics
from joblog.streams.machine_clock import now_ms
from joblog.streams.settings import Settings
from joblog.streams.signals.metrics import Metrics
from joblog.streams.signals.server import SignalsServer
from joblog.streams.store import STATE, KafkaStores, Reached
from joblog.streams.store.abc import ignore
from joblog.streams.topics import TopicMap


class SchedulerProcess:
    """Everything of a scheduler process, wired.

    Attributes:
        app: the Faust app.
        scheduler: the owner of the partitions of the present generation of the group, if any.
    """

    def __init__(self, settings: Settings, reached: Reached = ignore) -> None:
        """Wire; nothing is connected yet. `reached` is told each step of each commit."""
        self._settings = settings
        self._topics = TopicMap.of(settings)
        self._metrics = Metrics()
        self._publisher = KafkaPublisher(settings)
        self._bulletin = Bulletin(now_ms)
        self._stores = KafkaStores(settings, STATE, now_ms, reached)
        self._log_id = ""
        self.scheduler: Scheduler | None = None
        self.app: JoblogApp = build_app(settings, self._make_owner)
        self._server = self._signals()

    def run(self) -> None:
        """Run until SIGINT or SIGTERM."""
        run(self.app, self._resources())

    def _make_owner(self, acknowledge: Acknowledge) -> AnnouncedOwner:
        shared = Shared(
            log_id=self._log_id,
            publisher=self._publisher,
            addresses=Addresses(self._topics),
            bulletin=self._bulletin,
            pacing=CommitPacing(self._settings.scheduler),
            make_breaker=lambda: Breaker(self._settings.scheduler),
            clock=now_ms,
            acknowledge=acknowledge,
            observer=SchedulerMetrics(self._metrics),
        )
        self.scheduler = Scheduler(self._stores.store, shared, self.app.fail_stop.fail)
        return AnnouncedOwner(
            self.scheduler,
            self._publisher,
            self._topics.config.name,
            lambda: self._server.url,
            now_ms,
        )

    @asynccontextmanager
    async def _resources(self) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            log = await check_topics(self._settings)
            self._log_id = log.log_id
            self._publisher.allow(log.record_limits)
            await self._publisher.start()
            stack.push_async_callback(self._publisher.stop)
            await stack.enter_async_context(self._server)
            declarations = Declarations(
                self._settings, self._log_id, self._publisher, self._bulletin, now_ms
            )
            topics = PassingTopics(self._settings, self._log_id, self._bulletin, now_ms)
            for doing, work in (
                ("following declarations", declarations.run()),
                ("watching topics", topics.run()),
            ):
                stack.callback(asyncio.create_task(self._run(doing, work), name=doing).cancel)
            yield

    async def _run(self, doing: str, work: Coroutine[Any, Any, None]) -> None:
        with self.app.fail_stop.fatal(doing):
            await work

    def _signals(self) -> SignalsServer:
        signals = self._settings.signals
        queries = Queries(lambda: self.scheduler, self._settings.partitions)
        return SignalsServer(
            signals.host,
            signals.scheduler_port,
            self._metrics.registry,
            live=self._is_live,
            ready=self._is_ready,
            refresh=self._refresh,
            routes=queries.routes(),
            advertised_host=signals.advertised_host,
        )

    def _refresh(self) -> None:
        if self.scheduler is not None:
            observe_partitions(self.scheduler.partitions, self.app.log_end, self._metrics)

    def _is_live(self) -> str | None:
        reason = self.app.fail_stop.reason
        return None if reason is None else f"the process ends: {reason}"

    def _is_ready(self) -> str | None:
        if not self.app.ready:
            return "partitions are being taken over"
        partitions = [] if self.scheduler is None else self.scheduler.partitions
        reasons = (f"partition {it.partition}: {it.stopped}" for it in partitions if it.stopped)
        return "; ".join(reasons) or None


def __getattr__(name: str) -> JoblogApp:
    if name == "app":
        return SchedulerProcess(Settings()).app
    raise AttributeError(name)
