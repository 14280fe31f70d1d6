"""joblog with its shipped defaults: its own commands, fencing, headers, validation and claims on."""

import asyncio
import math
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Final

from aiokafka import TopicPartition

from benchmarks.handlers.noop import Nothing
from benchmarks.memory import RESIDENT, resident_mb
from benchmarks.processes import LOOK_SECONDS, Processes, free_port, joblog
from joblog import Client, Submission
from joblog.schemas.state import JobRow
from joblog.streams.broker import EmbeddedBroker
from joblog.streams.kafka.log_reader import LogReader
from joblog.streams.settings import Settings
from joblog.streams.topics import TopicMap

CHUNK: Final = 1_000
"""Jobs that are submitted with one call."""

ROOM_LOOK_SECONDS: Final = 0.1
"""Time between two looks at how many jobs wait: each has the scheduler print all its metrics."""

READ_WITHIN: Final = 60.0


class Joblog:
    """A whole system: broker, scheduler, delay service, and workers that are started when they are needed.

    Nothing of its settings differs from the defaults but addresses, directories, and the number of partitions
    where that is what is measured.

    Attributes:
        processes: its processes.
        settings: what its clients need.
        broker: its Kafka.
    """

    def __init__(
        self, processes: Processes, broker: EmbeddedBroker, settings: Settings, port: int
    ) -> None:
        self.processes = processes
        self.broker = broker
        self.settings = settings
        self._port = port

    def start(self, service: str) -> None:
        """Start a service: `scheduler` or `delays`."""
        self.processes.start(service, *joblog(service))

    def start_worker(self, module: str) -> None:
        """Start a worker with the handlers of a module."""
        self.processes.start("worker", *joblog("worker", module))

    def submit(self, submissions: Iterable[Submission], most_waiting: float = math.inf) -> None:
        """Submit jobs, a thousand at a time; none while that many are still without an outcome."""
        before = 0 if math.isinf(most_waiting) else self.finished()

        def is_room(submitted: int) -> bool:
            return math.isinf(most_waiting) or submitted - self.finished() + before <= most_waiting

        asyncio.run(_submit(self.settings, submissions, is_room))

    def cpu_seconds(self) -> dict[str, float]:
        """Return the CPU time so far of each process, the broker included."""
        return self.processes.cpu_seconds(broker=self.broker.pid)

    def resident_mb(self, process: str, field: str = RESIDENT) -> float:
        """Return the resident memory of a process and its children, see `memory`."""
        return resident_mb(self.processes.pid(process), field)

    def finished(self) -> int:
        """Return how many jobs have an outcome in the tables."""
        return int(self.metric("joblog_jobs_finished_total"))

    def metric(self, name: str) -> float:
        """Return the sum of a metric of the scheduler over all its labels; 0 before it answers."""
        return self.metrics().get(name, 0.0)

    def metrics(self) -> Mapping[str, float]:
        """Return all metrics of the scheduler, as of one moment, as `metric` does; none before it answers."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self._port}/metrics") as answer:
                lines = answer.read().decode().splitlines()
        except OSError:
            return {}
        found: Counter[str] = Counter()
        for line in lines:
            if not line.startswith("#"):
                name, _, value = line.rpartition(" ")
                found[name.partition("{")[0]] += float(value)  # type: ignore[assignment] # typeshed's are whole
        return found

    def until_finished(
        self, jobs: int, seconds: float = 300, look_seconds: float = LOOK_SECONDS
    ) -> None:
        """Wait until so many jobs have an outcome; where times come from the log, one may look rarely."""
        self.processes.until(
            lambda: self.finished() >= jobs, f"{jobs} outcomes", seconds, look_seconds
        )

    def until_folded(self, submissions: int, seconds: float = 300) -> None:
        """Wait until the scheduler has folded so many records, which nobody else writes any meanwhile."""
        self.processes.until(
            lambda: self.metric("joblog_records_folded_total") >= submissions,
            f"{submissions} records folded",
            seconds,
        )

    def rows(self, expected: int) -> list[JobRow]:
        """Return the row of each job from the tables' changelog, once `expected` of them are terminal."""
        return self.rows_where(_has_ended, expected)

    def rows_where(self, holds: Callable[[JobRow], bool], expected: int) -> list[JobRow]:
        """Return the newest row of each job, once something holds for `expected` of them.

        It returns what is there after a minute, so whoever asks has to check it.
        """
        return asyncio.run(_rows(self.settings, holds, expected))


@contextmanager
def running(
    directory: Path,
    partitions: int | None = None,
    services: Sequence[str] = ("scheduler", "delays"),
) -> Iterator[Joblog]:
    """Run a system without workers; all of it ends with the context."""
    port = free_port()
    with EmbeddedBroker(directory / "kafka") as broker:
        environment = {
            "JOBLOG_BOOTSTRAP_SERVERS": broker.bootstrap_servers,
            "JOBLOG_DATA_DIR": str(directory / "data"),
            "JOBLOG_SIGNALS__SCHEDULER_PORT": str(port),
        }
        settings = Settings(bootstrap_servers=broker.bootstrap_servers, data_dir=directory / "data")
        if partitions is not None:
            environment["JOBLOG_PARTITIONS"] = str(partitions)
            settings = settings.model_copy(update={"partitions": partitions})
        with Processes(directory, environment) as processes:
            system = Joblog(processes, broker, settings, port)
            processes.run(*joblog("topics", "create"))
            for service in services:
                system.start(service)
            yield system


def no_ops(first: int, end: int) -> Iterator[Submission]:
    """Yield jobs that do nothing, with the numbers from `first` to `end` (excluded)."""
    return (Submission("noop", Nothing(number=number)) for number in range(first, end))


async def _submit(
    settings: Settings, submissions: Iterable[Submission], is_room: Callable[[int], bool]
) -> None:
    waiting, submitted = iter(submissions), 0
    async with Client(settings) as client:
        while chunk := [*islice(waiting, CHUNK)]:
            submitted += len(chunk)
            while not is_room(submitted):  # noqa: ASYNC110 - another process tells, when asked
                await asyncio.sleep(ROOM_LOOK_SECONDS)
            await client.submit_many(chunk)


async def _rows(settings: Settings, holds: Callable[[JobRow], bool], expected: int) -> list[JobRow]:
    table = TopicMap.of(settings).table_jobs
    starts = {TopicPartition(table.name, number): 0 for number in range(table.partitions)}
    found: dict[bytes, JobRow] = {}
    deadline = time.monotonic() + READ_WITHIN
    async with LogReader(settings) as reader:
        while sum(map(holds, found.values())) < expected and time.monotonic() < deadline:
            async for records in reader.read(starts):
                for record in records:
                    if record.key is not None and record.value is not None:
                        found[record.key] = JobRow.decode(record.value)
                    starts[TopicPartition(record.topic, record.partition)] = record.offset + 1
    return list(found.values())


def _has_ended(row: JobRow) -> bool:
    return row.finished_at is not None
