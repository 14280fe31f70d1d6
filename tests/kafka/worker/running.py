"""Runs workers, feeds them as the scheduler does, and hears what they report."""

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.structs import OffsetAndMetadata

from joblog.lifecycle.partitioner import partition_of
from joblog.processors.worker.claims import Claim
from joblog.processors.worker.clock import machine_clock
from joblog.processors.worker.observer import Unobserved, WorkerObserver
from joblog.processors.worker.registry import Registry
from joblog.processors.worker.work_consumer import group_of
from joblog.processors.worker.worker import Worker
from joblog.schemas.models import Cause, Event, JobCancelRequested, JobDispatched, JobSubmitted
from joblog.schemas.models.envelope import AttemptEvent
from joblog.schemas.payloads import encode_payload, payload_schema
from joblog.streams.cloudevents import headers_for
from joblog.streams.kafka import KafkaPublisher, check_topics, client_options, connected_admin
from joblog.streams.machine_clock import now_ms
from joblog.streams.records import Outbound
from joblog.streams.settings import Settings
from joblog.streams.topics import Topic, TopicMap
from tests.kafka import running
from tests.kafka.groups import members_of as members_of_group
from tests.kafka.running import CODEC, TopicFollower, eventually
from tests.kafka.worker.jobs import REGISTRY, Task

LANE = "default"
Found = TypeVar("Found", bound=Event)


def environment_of(settings: Settings) -> dict[str, str]:
    """Return a worker's settings as variables of the environment."""
    worker = settings.worker.model_dump()
    return {
        **running.environment_of(settings),
        **{f"JOBLOG_WORKER__{name.upper()}": str(value) for name, value in worker.items()},
    }


class Line(NamedTuple):
    """A line of the handlers' ledger."""

    word: str
    job_id: str
    attempt: int
    pid: int


class Ledger:
    """What handlers say that they did."""

    def __init__(self, directory: Path) -> None:
        self.path = directory / "ledger"
        self.gate = directory / "gate"
        self.task = Task(ledger=str(self.path), gate=str(self.gate))

    @property
    def lines(self) -> list[Line]:
        if not self.path.exists():
            return []
        *whole, _ = self.path.read_text().split("\n")  # the last line may be on its way
        rows = [line.split() for line in whole]
        return [Line(word, job_id, int(attempt), int(pid)) for word, job_id, attempt, pid in rows]

    def jobs(self, word: str) -> list[str]:
        return [line.job_id for line in self.lines if line.word == word]

    def open_gate(self) -> None:
        self.gate.touch()

    async def has(self, word: str, number: int) -> None:
        """Wait until so many jobs have written a word."""

        async def reached() -> bool:
            return len(self.jobs(word)) >= number

        await eventually(reached)


class Feeder:
    """Dispatches attempts as the scheduler does: causes rise in each partition."""

    def __init__(self, settings: Settings, publisher: KafkaPublisher, ledger: Ledger) -> None:
        self.settings = settings
        self._topics = TopicMap.of(settings)
        self._publisher = publisher
        self._task = ledger.task
        self._caused = 0

    def dispatch(self, type_: str, job_id: str, **fields: Any) -> JobDispatched:  # noqa: ANN401
        """Make a dispatch; each has a later cause than the one before.

        Fields that a dispatch does not have are those of its submission.
        """
        self._caused += 1
        partition = partition_of(job_id.encode(), self._topics.partitions)
        events = self._topics.events.name
        own = {name: value for name, value in fields.items() if name in JobDispatched.model_fields}
        submitted = {name: value for name, value in fields.items() if name not in own}
        made: dict[str, Any] = {
            "event_id": f"{partition}-{self._caused}-0",
            "time": now_ms(),
            "job_id": job_id,
            "cause": Cause(topic=events, partition=partition, offset=self._caused),
            "attempt": 1,
            "type": type_,
            "submitted_at": now_ms(),
            "submission": CODEC.encode(self._submission(type_, job_id, **submitted)),
        }
        return JobDispatched(**(made | own))

    async def feed(self, dispatches: Iterable[JobDispatched]) -> None:
        """Put dispatches on the work topic."""
        await self._publisher.publish([self.record(one) for one in dispatches])

    async def jobs(self, type_: str, number: int, prefix: str = "job", **fields: Any) -> list[str]:  # noqa: ANN401
        """Dispatch so many jobs and return their ids."""
        ids = [f"{prefix}-{n}" for n in range(number)]
        await self.feed([self.dispatch(type_, job_id, **fields) for job_id in ids])
        return ids

    async def garbage(self, partition: int, key: bytes | None, value: bytes | None) -> None:
        """Put anything on the work topic."""
        topic = self._topics.work(LANE).name
        await self._publisher.publish([Outbound(topic, partition, key, value, [("a", b"b")])])

    async def request_cancel(self, job_id: str, generation: int = 1) -> None:
        """Tell the workers that a job is to be cancelled."""
        event = JobCancelRequested(
            event_id="c", time=1, job_id=job_id, generation=generation, requested_by="me"
        )
        await self.put(self._topics.control, job_id, event)

    async def put(self, topic: Topic, key: str, event: Event | None) -> None:
        """Put an event on a compacted topic; None, a tombstone."""
        value = None if event is None else CODEC.encode(event)
        await self._publisher.publish([Outbound(topic.name, 0, key.encode(), value, [])])

    def _submission(self, type_: str, job_id: str, **fields: Any) -> JobSubmitted:  # noqa: ANN401
        made: dict[str, Any] = {
            "event_id": f"submission of {job_id}",
            "time": now_ms(),
            "job_id": job_id,
            "type": type_,
            "payload": encode_payload(self._task),
            "payload_schema": payload_schema(Task).fingerprint,
        }
        return JobSubmitted(**(made | fields))

    def record(self, event: JobDispatched) -> Outbound:
        partition = partition_of(event.key, self._topics.partitions)
        headers = headers_for("JobDispatched", event.event_id, event.time, "/tests")
        return Outbound(
            self._topics.work(LANE).name, partition, event.key, CODEC.encode(event), headers
        )


class Follower(TopicFollower):
    """Reads what workers report."""

    def of(self, kind: type[Found], job_id: str | None = None) -> list[Found]:
        """All events of a kind, of one job or all."""
        found = [event for event in self.events if isinstance(event, kind)]
        return [one for one in found if job_id in (None, getattr(one, "job_id", ""))]

    def jobs(self, kind: type[AttemptEvent]) -> list[str]:
        """Job ids of all reports of a kind."""
        return [event.job_id for event in self.of(kind)]


async def committed(settings: Settings) -> Mapping[int, tuple[int, Claim]]:
    """The offsets and claims that the group holds, by partition."""
    async with connected_admin(settings) as admin:
        offsets = await admin.list_consumer_group_offsets(group_of(settings, LANE))
    return {
        at.partition: (found.offset, Claim.decode(found.metadata)) for at, found in offsets.items()
    }


async def commit_from_outside(settings: Settings, offsets: Mapping[int, OffsetAndMetadata]) -> None:
    """Commit offsets as one who is no member, which Kafka allows while the group is empty."""
    topic = TopicMap.of(settings).work(LANE).name
    async with consumer_of(settings, group_id=group_of(settings, LANE)) as consumer:
        consumer.assign([TopicPartition(topic, partition) for partition in offsets])
        await consumer.commit(
            {TopicPartition(topic, partition): found for partition, found in offsets.items()}
        )


@asynccontextmanager
async def consumer_of(settings: Settings, **options: Any) -> "AsyncIterator[AIOKafkaConsumer]":  # noqa: ANN401
    consumer = AIOKafkaConsumer(**client_options(settings), enable_auto_commit=False, **options)
    await consumer.start()
    try:
        yield consumer
    finally:
        await consumer.stop()


async def members_of(settings: Settings) -> int:
    """How many members the group of the workers has."""
    return await members_of_group(settings, group_of(settings, LANE))


async def make_worker(
    settings: Settings,
    publisher: KafkaPublisher,
    registry: Registry = REGISTRY,
    observer: WorkerObserver | None = None,
) -> Worker:
    """Make a worker that runs in this process."""
    return Worker(
        settings,
        registry,
        publisher,
        log_id=(await check_topics(settings)).log_id,
        worker_id="me",
        clock=machine_clock(),
        observer=observer or Unobserved(),
    )
