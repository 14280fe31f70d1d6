"""A log with a scheduler and a worker, and what they and a client ask of the broker."""

from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

from aiokafka import TopicPartition

from joblog import Client
from joblog.streams.kafka.inbound import inbound
from joblog.streams.kafka.log_reader import LogReader
from joblog.streams.record_checks import size_of
from joblog.streams.settings import Settings
from joblog.streams.topic import Topic
from tests.kafka.cost.counted import count_requests
from tests.kafka.cost.handlers import Nothing
from tests.kafka.running import environment_of, processes

Requests = Mapping[str, Counter[str]]
"""How many requests of each kind each process has made."""

NEVER_MS = 86_400_000
SERVICES = {"scheduler": "scheduler", "worker": "worker tests.kafka.cost.handlers"}


class Stored(NamedTuple):
    """What a topic holds.

    Attributes:
        records: how many records.
        size: bytes of their keys, values and headers.
    """

    records: int
    size: int


class System:
    """The system, once a first job has run in it.

    Attributes:
        settings: where it is.
        client: submits to it.
    """

    def __init__(self, settings: Settings, client: Client, directory: Path) -> None:
        self.settings = settings
        self.client = client
        self.submitter: Counter[str] = Counter()
        self._directory = directory

    def requests(self) -> Requests:
        """Return how many requests were answered so far."""
        services = {
            name: Counter(_file(self._directory, name).read_text().split("\n")) for name in SERVICES
        }
        return services | {"submitter": Counter(self.submitter)}

    async def stored(self, topic: Topic) -> Stored:
        """Return what a topic holds now."""
        partitions = [TopicPartition(topic.name, number) for number in range(topic.partitions)]
        records, size = 0, 0
        async with LogReader(self.settings) as reader:
            async for batch in reader.read(await reader.starts(partitions)):
                records += len(batch)
                size += sum(size_of(inbound(record)) for record in batch)
        return Stored(records, size)


@asynccontextmanager
async def running(settings: Settings, directory: Path) -> AsyncIterator[System]:
    """Run a scheduler that commits its state only at its end, and a worker; stop both in good order."""
    shared = environment_of(settings) | {
        "JOBLOG_SCHEDULER__COMMIT_INTERVAL_MS": str(NEVER_MS),
        "JOBLOG_PURGE_INTERVAL_MS": str(NEVER_MS),
        "JOBLOG_DATA_DIR": str(directory / "data"),
    }
    async with processes("tests.kafka.cost.counted") as start:
        services = [
            await start(
                shared | {"TEST_COMMAND": command, "TEST_REQUESTS": str(_file(directory, name))}
            )
            for name, command in SERVICES.items()
        ]
        async with Client(settings) as client:
            system = System(settings, client, directory)
            await client.wait(await client.submit("nothing", Nothing(number=0)))
            with count_requests(lambda kind: system.submitter.update([kind])):
                yield system
        for service in reversed(services):
            assert await service.stop() == 0


def spent(before: Requests, after: Requests) -> Requests:
    """Return the requests between two counts."""
    return {name: after[name] - before[name] for name in before}


def _file(directory: Path, service: str) -> Path:
    path = directory / f"{service}.requests"
    path.touch()
    return path
