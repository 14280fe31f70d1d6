from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from joblog.streams.kafka import KafkaPublisher, ensure_topics
from joblog.streams.machine_clock import now_ms
from joblog.streams.settings import Settings
from joblog.streams.topics import TopicMap
from tests.kafka.running import Process, processes
from tests.kafka.worker.running import Feeder, Follower, Ledger, environment_of

StartProcess = Callable[..., Awaitable[Process]]


@pytest.fixture
async def settings(bootstrap_servers: str, namespace: str) -> Settings:
    """Settings of a log of its own, with two partitions, short sessions and short leases."""
    settings = Settings(
        bootstrap_servers=bootstrap_servers,
        namespace=namespace,
        partitions=2,
        session_timeout_ms=1_500,
        heartbeat_interval_ms=300,
        worker={"revoke_wait_ms": 300, "schema_wait_ms": 1_000},
    )
    await ensure_topics(settings, now_ms())
    return settings


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path)


@pytest.fixture
def feeder(settings: Settings, publisher: KafkaPublisher, ledger: Ledger) -> Feeder:
    return Feeder(settings, publisher, ledger)


@pytest.fixture
async def events(settings: Settings) -> AsyncIterator[Follower]:
    """The events topic."""
    topic = TopicMap.of(settings).events
    async with Follower(settings, topic.name, topic.partitions) as follower:
        yield follower


@pytest.fixture
async def start_process(settings: Settings) -> AsyncIterator[StartProcess]:
    """Starts workers, by the test's settings or others; keywords are variables of the environment."""
    async with processes("tests.kafka.worker.process") as start_with:

        async def start(other: Settings | None = None, **environment: str) -> Process:
            return await start_with({**environment_of(other or settings), **environment})

        yield start
