"""The scheduler as a Faust app: it reads the events topic and knows nothing of jobs."""

import asyncio
import logging
import os
from collections.abc import Callable, Iterable
from typing import Final, cast

import faust
from faust.app.base import BootStrategy
from faust.exceptions import ConsumerNotStarted
from faust.types import StreamT
from faust.types.transports import TransportT
from mode.types import ServiceT

from joblog.streams.faust_app.assignment import Assignment, OwnerFactory
from joblog.streams.faust_app.batch import Batch, BatchSchema
from joblog.streams.faust_app.consumer import BatchConsumer, BatchTransport
from joblog.streams.faust_app.errors import CloseTimeoutError
from joblog.streams.faust_app.fail_stop import FailStop
from joblog.streams.faust_app.options import faust_options, group_of
from joblog.streams.settings import Settings
from joblog.streams.topics import TopicMap

AGENT: Final = "scheduler"

LEAVE_SECONDS: Final = 2.0
"""How long leaving the group may take; aiokafka waits for a rebalance that is under way."""

logger = logging.getLogger(__name__)


class ConsumerOnly(BootStrategy):
    """Starts what reads events: no producer, no web server, no leader election, no replies."""

    enable_kafka_producer = False
    enable_web = False

    def kafka_consumer(self) -> Iterable[ServiceT]:
        """Return the consumer alone."""
        return [self.app.consumer]


class JoblogApp(faust.App):
    """Owns membership in the group, assignment, delivery, commits and the end of the process.

    Args:
        settings: settings of the process.
        make_owner: makes the owner of the partitions of each generation.
        exit_process: how the process ends when something fails.

    Attributes:
        settings: settings of the process.
        events: name of the events topic.
        assignment: the partitions owned now, if any.
        fail_stop: ends the process on the first failure.
    """

    BootStrategy = ConsumerOnly
    mundane_level = "debug"

    def __init__(
        self, settings: Settings, make_owner: OwnerFactory, exit_process: Callable[[int], object]
    ) -> None:
        self.settings = settings
        self.events = TopicMap.of(settings).events.name
        self.assignment: Assignment | None = None
        self.fail_stop = FailStop(exit_process)
        self._make_owner = make_owner
        super().__init__(group_of(settings), **faust_options(settings))

    @property
    def ready(self) -> bool:
        """Whether this process is in the group and all its partitions are open and read."""
        return self.assignment is not None and self.assignment.ready

    def begin_assignment(self, generation: int, partitions: Iterable[int]) -> None:
        """Start to open the partitions of a generation."""
        with self.fail_stop.fatal("taking over partitions"):
            self.assignment = Assignment(
                generation,
                partitions,
                self._make_owner,
                self._batch_consumer,
                self.settings.scheduler,
                self.fail_stop,
            )

    async def end_assignment(self, within_ms: int) -> None:
        """Close the partitions and commit what was acknowledged; the process ends if it takes longer."""
        assignment, seconds = self.assignment, within_ms / 1000
        if assignment is None:
            return
        with self.fail_stop.fatal("closing partitions"):
            try:
                async with asyncio.timeout(seconds):
                    await assignment.close()
                    await assignment.commit()
            except TimeoutError:
                raise CloseTimeoutError(assignment.partitions, seconds) from None
        self.assignment = None

    def deliver(self, batch: Batch) -> None:
        """Hand a batch to its partition."""
        if self.assignment is not None:
            self.assignment.deliver(batch)

    def log_end(self, partition: int) -> int | None:
        """Return the offset after the last record of a partition, None where it is not known yet."""
        return self._batch_consumer.end(partition)

    @property
    def _batch_consumer(self) -> BatchConsumer:
        return cast("BatchConsumer", self.consumer)

    async def start_fetching(self) -> None:
        """Start to ask the consumer thread for batches."""
        await self._fetcher.maybe_start()

    async def stop_fetching(self) -> None:
        """Ask no more."""
        await self._fetcher.stop()

    def _new_transport(self) -> TransportT:
        return BatchTransport(self.conf.broker_consumer, self)

    def _create_directories(self) -> None:
        """Make none: the tables are in the owner's store."""

    async def _stop_consumer(self) -> None:
        if self._consumer is None:
            return
        self._consumer.stop_flow()
        self.flow_control.suspend()
        self.flow_control.clear()
        await self._stop_fetcher()
        await self.end_assignment(self.settings.scheduler.shutdown_grace_ms)
        await self._leave_group()

    async def _leave_group(self) -> None:
        try:
            async with asyncio.timeout(LEAVE_SECONDS):
                await self._batch_consumer.leave()
        except ConsumerNotStarted:
            return  # it was stopped before it had joined
        except TimeoutError:
            logger.warning(
                "the group could not be left within %g s; it notices after session_timeout_ms",
                LEAVE_SECONDS,
            )

    async def _producer_flush(self, logger: object) -> None:
        """Do nothing: there is no producer."""

    def _on_rebalance_when_stopped(self) -> None:
        """Do nothing: this process is about to leave the group."""

    def _crash(self, reason: BaseException) -> None:
        super()._crash(reason)
        self.fail_stop.fail("Faust", reason)


def build_app(
    settings: Settings,
    make_owner: OwnerFactory,
    *,
    exit_process: Callable[[int], object] = os._exit,
) -> JoblogApp:
    """Return the app with its agent and its tables; it does no I/O until it is run.

    Args:
        settings: settings of the process.
        make_owner: makes the owner of the partitions of each generation of the group.
        exit_process: how the process ends when something fails; by default at once, with code 1.

    Raises:
        SettingsError: a certificate or key cannot be used.
    """
    app = JoblogApp(settings, make_owner, exit_process)
    topics = TopicMap.of(settings)
    events = app.topic(
        topics.events.name,
        schema=BatchSchema(),
        partitions=topics.events.partitions,
        acks=False,  # or Faust commits on its own account
    )

    @app.agent(events, name=AGENT, concurrency=1)
    async def scheduler(batches: StreamT[Batch]) -> None:
        """Fold events into the state tables, dispatch, schedule retries."""
        async for batch in batches:
            app.deliver(batch)

    for table in (topics.table_jobs, topics.table_log):
        app.Table(
            table.name.rpartition(".")[2],
            key_type=bytes,
            value_type=bytes,
            partitions=table.partitions,
            changelog_topic=app.topic(table.name, partitions=table.partitions, acks=False),
            help=table.holds,
        )
    return app
