"""A database of its own for each test, with an outbox, and a log of its own."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import asyncpg
import pytest

from joblog.outbox.database import Database
from joblog.outbox.stored import StoredEntries
from joblog.streams.kafka import ensure_topics
from joblog.streams.machine_clock import now_ms
from joblog.streams.settings import Settings
from joblog.streams.topics import TopicMap
from tests.kafka.outbox.running import Events, environment
from tests.kafka.outbox.server import PostgresServer, binaries
from tests.kafka.running import Process, processes

Connection = asyncpg.Connection
StartRelay = Callable[..., Awaitable[Process]]


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """The session's PostgreSQL."""
    programs = binaries()
    if programs is None:
        pytest.skip("PostgreSQL is not installed: on Debian, apt-get install postgresql")
    with PostgresServer(programs) as server:
        yield server


@pytest.fixture
def database_url(postgres: PostgresServer) -> str:
    """A database with nothing in it."""
    return postgres.new_database()


@pytest.fixture
async def settings(
    bootstrap_servers: str, namespace: str, database_url: str, tmp_path: Path
) -> Settings:
    """Settings of a log in two partitions, whose topics exist, and of an outbox, whose table exists."""
    settings = Settings(
        bootstrap_servers=bootstrap_servers,
        namespace=namespace,
        partitions=2,
        data_dir=tmp_path / "data",
        outbox={"database_url": database_url, "poll_interval_ms": 20},
    )
    await ensure_topics(settings, now_ms())
    async with Database(settings) as database:
        await StoredEntries(database).create_table()
    return settings


@pytest.fixture
async def connection(settings: Settings, database_url: str) -> AsyncIterator[Connection]:
    """A user's connection to the database, which has a table of orders."""
    assert settings.outbox.database_url
    connection = await asyncpg.connect(database_url)
    await connection.execute("CREATE TABLE orders (job_id text PRIMARY KEY)")
    yield connection
    await connection.close()


@pytest.fixture
async def events(settings: Settings) -> AsyncIterator[Events]:
    """The events topic."""
    topic = TopicMap.of(settings).events
    async with Events(settings, topic.name, topic.partitions) as events:
        yield events


@pytest.fixture
async def start_relay(settings: Settings) -> AsyncIterator[StartRelay]:
    """Starts relays; keyword arguments are further variables of the environment."""
    async with processes("tests.kafka.outbox.relay_process") as start_with:

        async def start(**more: str) -> Process:
            return await start_with(environment(settings, **more))

        yield start
