"""A log of its own for each test, with a scheduler that is a real process."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from pathlib import Path

import pytest

from joblog.schemas.models import JobDispatched, JobEvent
from joblog.streams.kafka import KafkaPublisher, ensure_topics
from joblog.streams.settings import Settings
from tests.kafka.cli.running import Bench, Command, environment

StartWorker = Callable[[Callable[[JobDispatched], JobEvent | None]], Awaitable[None]]


@pytest.fixture
async def settings(bootstrap_servers: str, namespace: str, tmp_path: Path) -> Settings:
    """Settings of a log with two partitions, whose topics exist."""
    settings = Settings(
        bootstrap_servers=bootstrap_servers,
        namespace=namespace,
        partitions=2,
        data_dir=tmp_path / "data",
    )
    await ensure_topics(settings, time.time_ns() // 1_000_000)
    return settings


@pytest.fixture
def env(settings: Settings) -> dict[str, str]:
    """The environment of the log's processes."""
    return environment(settings)


@pytest.fixture
async def bench(settings: Settings) -> AsyncIterator[Bench]:
    """Writes to the log and reads from it."""
    async with KafkaPublisher(settings) as publisher:
        yield Bench(settings, publisher)


@pytest.fixture
async def start(settings: Settings) -> AsyncIterator[Callable[..., Awaitable[Command]]]:
    """Starts `joblog` processes of the log, which end with the test."""
    async with AsyncExitStack() as stack:

        async def start(*arguments: str, cwd: Path | None = None, **more: str) -> Command:
            command = await Command.start(*arguments, env=environment(settings, **more), cwd=cwd)
            stack.push_async_callback(command.stop)
            return command

        yield start


@pytest.fixture
async def scheduler(start: Callable[..., Awaitable[Command]]) -> Command:
    """The log's scheduler."""
    return await start("scheduler")


@pytest.fixture
async def work(bench: Bench) -> AsyncIterator[Callable[..., None]]:
    """Begins to report about attempts, until the test ends."""
    tasks: list[asyncio.Task[None]] = []
    yield lambda report: tasks.append(asyncio.create_task(bench.work(report)))
    for task in tasks:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
