from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from joblog.streams.kafka import ensure_topics
from joblog.streams.machine_clock import now_ms
from joblog.streams.settings import Settings
from joblog.streams.topics import TopicMap
from tests.kafka.delays.running import Follower
from tests.kafka.running import Process, environment_of, processes

StartProcess = Callable[..., Awaitable[Process]]


@pytest.fixture
async def settings(bootstrap_servers: str, namespace: str) -> Settings:
    """Settings of a log of its own, with all its topics in two partitions, and short sessions."""
    settings = Settings(
        bootstrap_servers=bootstrap_servers,
        namespace=namespace,
        partitions=2,
        session_timeout_ms=1_500,
        heartbeat_interval_ms=300,
    )
    await ensure_topics(settings, now_ms())
    return settings


@pytest.fixture
async def events(settings: Settings) -> AsyncIterator[Follower]:
    """The events topic."""
    topic = TopicMap.of(settings).events
    async with Follower(settings, topic.name, topic.partitions) as follower:
        yield follower


@pytest.fixture
async def start_process(settings: Settings) -> AsyncIterator[StartProcess]:
    """Starts delay services; keyword arguments are further variables of the environment."""
    async with processes("tests.kafka.delays.process") as start_with:

        async def start(**environment: str) -> Process:
            return await start_with({**environment_of(settings), **environment})

        yield start
