"""Puts the parts of a worker together."""

from collections.abc import Callable
from dataclasses import dataclass

from joblog.processors.worker.attempt import Attempt
from joblog.processors.worker.buffer import PriorityBuffer
from joblog.processors.worker.cancels import Cancels
from joblog.processors.worker.claiming import Claimer, Claiming
from joblog.processors.worker.clock import Clock
from joblog.processors.worker.executors import Coroutines, Processes, Threads
from joblog.processors.worker.handlers import ASYNC, PROCESS, THREAD
from joblog.processors.worker.intake import Destinations, Intake
from joblog.processors.worker.lane import Lane, LaneParts
from joblog.processors.worker.leases import Leases
from joblog.processors.worker.observer import WorkerObserver
from joblog.processors.worker.pace import Pace
from joblog.processors.worker.registry import Registry
from joblog.processors.worker.reporter import Reporter
from joblog.processors.worker.reports import Reports
from joblog.processors.worker.runner import MS, Equipment, Runner, Spawn
from joblog.processors.worker.slots import Slots
from joblog.processors.worker.work_consumer import WorkConsumer
from joblog.processors.worker.writer_schemas import WriterSchemas
from joblog.schemas.codec import Codec
from joblog.streams.abc import Publisher
from joblog.streams.kafka.purge import Purge
from joblog.streams.settings import Settings
from joblog.streams.topics import TopicMap


@dataclass(frozen=True)
class Surroundings:
    """What a worker is given.

    Attributes:
        settings: all settings.
        registry: the handlers.
        publisher: writes records.
        log_id: the log.
        worker: this worker's id.
        clock: the clocks.
        observer: watches.
        spawn: starts a task whose failure ends the worker.
        fail: ends the worker.
    """

    settings: Settings
    registry: Registry
    publisher: Publisher
    log_id: str
    worker: str
    clock: Clock
    observer: WorkerObserver
    spawn: Spawn
    fail: Callable[[BaseException], None]


class Parts:
    """The parts that all lanes share, and the lanes.

    Args:
        given: what the worker is given.
    """

    def __init__(self, given: Surroundings) -> None:
        self._given = given
        self._topics = TopicMap.of(given.settings)
        self._codec = Codec()
        settings = given.settings.worker
        self.scope = given.registry.scope()
        self.threads = Threads(self.scope)
        self.processes = Processes(given.registry.modules, self.scope)
        self.slots = Slots.of(settings)
        self.pace = Pace(self.slots, given.clock.monotonic())
        self.cancels = Cancels()
        self.schemas = WriterSchemas(self._codec)
        self.reporter = Reporter(given.publisher)
        self.purge = Purge(given.settings)
        self.reports = Reports(
            self._topics.events.name, given.worker, settings.lease_ms, given.clock.now_ms
        )
        self.runner = Runner(self._equipment(), given.spawn)
        self.lanes: list[tuple[Lane, Claiming]] = [
            self._lane(name) for name in given.registry.lanes
        ]

    def _equipment(self) -> Equipment:
        settings = self._given.settings.worker
        leases: Leases[Attempt] = Leases(settings.started_after_ms, settings.heartbeat_ms)
        return Equipment(
            executors={
                ASYNC: Coroutines(self.scope),
                THREAD: self.threads,
                PROCESS: self.processes,
            },
            slots=self.slots,
            leases=leases,
            cancels=self.cancels,
            reports=self.reports,
            reporter=self.reporter,
            observer=self._given.observer,
            clock=self._given.clock,
            cancel_grace_ms=settings.cancel_grace_ms,
        )

    def _lane(self, name: str) -> tuple[Lane, Claiming]:
        given, settings = self._given, self._given.settings.worker
        buffer = PriorityBuffer(settings.max_buffered_attempts)
        claiming = Claiming(self._claimer(buffer))
        parts = LaneParts(
            name=name,
            log_id=given.log_id,
            worker=given.worker,
            consumer=WorkConsumer(given.settings, name),
            intake=Intake(self._destinations(), buffer, settings.schema_wait_ms),
            buffer=buffer,
            claiming=claiming,
            runner=self.runner,
            observer=given.observer,
            revoke_wait=settings.revoke_wait_ms / MS,
            fail=given.fail,
        )
        return Lane(parts), claiming

    def _claimer(self, buffer: PriorityBuffer) -> Claimer:
        return Claimer(
            buffer=buffer,
            slots=self.slots,
            pace=self.pace,
            runner=self.runner,
            reporter=self.reporter,
            observer=self._given.observer,
            clock=self._given.clock,
            committed=self.purge.committed,
        )

    def _destinations(self) -> Destinations:
        return Destinations(
            topics=self._topics,
            codec=self._codec,
            schemas=self.schemas,
            registry=self._given.registry,
            reports=self.reports,
            reporter=self.reporter,
            observer=self._given.observer,
            elapsed_ms=self._given.clock.elapsed_ms,
        )
