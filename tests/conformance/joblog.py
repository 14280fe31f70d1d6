"""What the scenarios say to a joblog, wherever it runs, and what they ask of it."""

from abc import abstractmethod
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from itertools import count
from typing import Any, Final, TypeVar

from joblog.lifecycle.partition.view import StateView
from joblog.lifecycle.partitioner import partition_of
from joblog.processors.scheduler.bulletin import name_of
from joblog.schemas.codec import Codec
from joblog.schemas.models import (
    DelayElapsed,
    Event,
    JobDeadLettered,
    JobDispatched,
    JobEvent,
    JobSubmitted,
    LimitsAnnounced,
    LogOpened,
    SchemaAnnounced,
    TypeAnnounced,
)
from joblog.schemas.models.envelope import AttemptEvent
from joblog.schemas.state import JobRow
from joblog.streams.cloudevents import headers_for
from joblog.streams.records import Inbound, Outbound, Position
from joblog.streams.settings import Settings
from joblog.streams.topics import TopicMap

CODEC: Final = Codec()
PAYLOAD_SCHEMA: Final = b"payload!"

E = TypeVar("E", bound=Event)
A = TypeVar("A", bound=AttemptEvent)
Headers = Sequence[tuple[str, bytes | None]]


class RefusedError(Exception):
    """The log does not take a record."""


class Joblog(AbstractAsyncContextManager["Joblog"]):
    """A log with its scheduler and delay service; the scenario plays producers, workers and operators."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.topics = TopicMap.of(settings)
        self._ids = count(1)

    @abstractmethod
    def now(self) -> int:
        """The time in ms."""

    @abstractmethod
    async def write(self, records: Sequence[Outbound]) -> Sequence[Position]:
        """Write records to any topics."""

    @abstractmethod
    async def write_foreign(
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        partition: int | None = None,
        headers: Headers = (),
    ) -> Position:
        """Write a record as a producer does that knows nothing of joblog.

        Raises:
            RefusedError: it is larger than its topic takes.
        """

    @abstractmethod
    def read(self, topic: str, partition: int) -> list[Inbound]:
        """All records of a partition of a topic so far."""

    @abstractmethod
    def row(self, job_id: str) -> JobRow | None:
        """A job's row as decided so far."""

    @abstractmethod
    def committed(self, partition: int) -> StateView:
        """The committed state of a partition."""

    @abstractmethod
    async def until(self, holds: Callable[[], object]) -> None:
        """Let time pass until something holds."""

    @abstractmethod
    async def settle(self) -> None:
        """Let everybody react to all that was written."""

    @abstractmethod
    async def restart(self) -> None:
        """Stop the scheduler in good order; start it elsewhere, where its disk is empty."""

    @abstractmethod
    async def crash(self) -> None:
        """Stop the scheduler before it commits anything more; start it elsewhere."""

    @abstractmethod
    async def finish(self) -> None:
        """Let everybody react to all that was written, and commit it."""

    def head(self) -> dict[str, Any]:
        """What each event begins with."""
        return {"event_id": f"e{next(self._ids)}", "time": self.now()}

    def partition_of(self, job_id: str) -> int:
        """The partition that a job belongs to."""
        return partition_of(job_id.encode(), self.settings.partitions)

    def new_job_id(self, partition: int, name: str = "job") -> str:
        """A job id that belongs to a partition and begins with a name."""
        ids = (f"{name}/{number}" for number in self._ids)
        return next(job_id for job_id in ids if self.partition_of(job_id) == partition)

    async def append(self, event: JobEvent, headers: Headers = ()) -> Inbound:
        """Append an event of a job to its partition of the events topic."""
        return await self.append_raw(event.key, CODEC.encode(event), headers=headers)

    async def append_raw(
        self,
        key: bytes | None,
        value: bytes | None,
        partition: int | None = None,
        headers: Headers = (),
    ) -> Inbound:
        """Append a record to the events topic, and return it as it stands there."""
        topic = self.topics.events.name
        at = await self.write_foreign(topic, key, value, partition, headers)
        await self.until(lambda: len(self.read(topic, at.partition)) > at.offset)
        return self.read(topic, at.partition)[at.offset]

    async def declare(self, event: Event) -> None:
        """Declare something for the whole log, and wait until each partition was told."""
        topic = self.topics.schemas if isinstance(event, SchemaAnnounced) else self.topics.config
        key = (name_of(event) or "").encode()
        headers = headers_for(type(event).__name__, event.event_id, event.time, "/tests")
        await self.write([Outbound(topic.name, 0, key, CODEC.encode(event), headers)])
        await self.until(lambda: self._everywhere(type(event), event.event_id))
        await self.settle()

    async def announce(self, type_: str = "mail", **fields: Any) -> None:  # noqa: ANN401 - the model checks them
        """Declare a job type."""
        await self.declare(
            TypeAnnounced(**self.head(), type=type_, **{"version": next(self._ids), **fields})
        )

    async def announce_limits(self, **changed: Any) -> None:  # noqa: ANN401 - the model checks them
        """Declare other limits than those of the settings."""
        fields = self.settings.limits.model_dump() | changed
        await self.declare(LimitsAnnounced(**self.head(), version=self.now() + 1, **fields))

    async def submit(
        self,
        job_id: str,
        type_: str = "mail",
        headers: Headers = (),
        **fields: Any,  # noqa: ANN401
    ) -> Inbound:
        """Submit a job, and return the record."""
        return await self.append(self.submission(job_id, type_, **fields), headers)

    def submission(self, job_id: str, type_: str = "mail", **fields: Any) -> JobSubmitted:  # noqa: ANN401
        """The event of a submission."""
        given = {"payload": b"payload", "payload_schema": PAYLOAD_SCHEMA, **fields}
        return JobSubmitted(**self.head(), job_id=job_id, type=type_, **given)

    async def report(self, kind: type[A], of: JobDispatched, **fields: Any) -> Inbound:  # noqa: ANN401
        """Report about a dispatched attempt."""
        given = {"attempt": of.attempt, "worker": "w1", **fields}
        event = kind(**self.head(), job_id=of.job_id, generation=of.generation, **given)
        return await self.append(event)

    async def wake(self, job_id: str, attempt: int, due: int) -> Inbound:
        """Wake a job, as a delay service does that knows no time."""
        return await self.append(
            DelayElapsed(**self.head(), job_id=job_id, attempt=attempt, due=due)
        )

    async def dispatched(self, job_id: str, attempt: int = 1, generation: int = 1) -> JobDispatched:
        """Wait for an attempt's dispatch, and return it."""
        wanted = (job_id, generation, attempt)
        await self.until(lambda: wanted in self.dispatches())
        return self.dispatches()[wanted]

    def dispatches(self, lane: str = "default") -> dict[tuple[str, int, int], JobDispatched]:
        """The attempts on a lane, by job, generation and attempt, in the order of their first dispatch."""
        events = self.events(self.topics.work(lane).name, JobDispatched)
        return {(event.job_id, event.generation, event.attempt): event for event in events}

    async def letter(self, job_id: str, reason: str | None = None) -> JobDeadLettered:
        """Wait for a dead letter with a job's id, and return it."""
        await self.until(lambda: self.letters(job_id, reason))
        return self.letters(job_id, reason)[-1]

    def letters(self, job_id: str, reason: str | None = None) -> list[JobDeadLettered]:
        """The dead letters with a job's id."""
        found = self.events(self.topics.dead_letters.name, JobDeadLettered)
        return [
            letter
            for letter in found
            if letter.job_id == job_id and reason in {None, letter.reason}
        ]

    async def letter_about(self, record: Inbound) -> JobDeadLettered:
        """Wait for the dead letter of a record, and return it."""
        at = (record.topic, record.partition, record.offset)

        def found() -> list[JobDeadLettered]:
            letters = self.events(self.topics.dead_letters.name, JobDeadLettered)
            return [
                letter
                for letter in letters
                if (letter.original.topic, letter.original.partition, letter.original.offset) == at
            ]

        await self.until(found)
        return found()[-1]

    async def status(self, job_id: str, status: str) -> JobRow:
        """Wait until a job is in a state, and return its row."""
        await self.until(lambda: (row := self.row(job_id)) is not None and row.status == status)
        row = self.row(job_id)
        assert row is not None
        return row

    def events(self, topic: str, kind: type[E]) -> list[E]:
        """All events of a kind on a topic, by partition."""
        return [event for event in map(event_of, self.records(topic)) if isinstance(event, kind)]

    def records(self, topic: str) -> list[Inbound]:
        """All records of a topic, by partition."""
        partitions = range(self.topics.named(topic).partitions)
        return [record for partition in partitions for record in self.read(topic, partition)]

    def log_id(self) -> str:
        """The log's id."""
        return self.events(self.topics.events.name, LogOpened)[0].log_id

    def _everywhere(self, kind: type[Event], event_id: str) -> bool:
        events = self.events(self.topics.events.name, kind)
        return len([e for e in events if e.event_id == event_id]) >= self.settings.partitions


async def partition_goes_on(joblog: Joblog, partition: int) -> None:
    """Make sure that a job that is submitted to a partition now is dispatched."""
    await joblog.announce("other mail")
    job_id = joblog.new_job_id(partition)
    await joblog.submit(job_id, "other mail")
    await joblog.dispatched(job_id)


def event_of(record: Inbound) -> Event | None:
    """The event in a record; None where it has none."""
    try:
        return CODEC.decode(record.value or b"")
    except Exception:  # noqa: BLE001 - bad input is what some scenarios are about
        return None
