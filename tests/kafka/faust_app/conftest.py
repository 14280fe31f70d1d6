"""Schedulers that are real processes on the session's broker."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from tests.kafka.faust_app.running import Log, SchedulerProcess

PARTITIONS = 4
StartScheduler = Callable[..., Awaitable[SchedulerProcess]]


@pytest.fixture
def partitions() -> int:
    """Partitions of the events topic; a test may have others."""
    return PARTITIONS


@pytest.fixture
async def log(bootstrap_servers: str, namespace: str, partitions: int) -> Log:
    """An empty events topic."""
    log = Log(bootstrap_servers, namespace, partitions)
    await log.create()
    return log


@pytest.fixture
async def start_scheduler(log: Log, tmp_path: Path) -> AsyncIterator[StartScheduler]:
    """Starts schedulers of that log; they share a directory for their state.

    Keyword arguments are further variables of the environment.
    """
    started: list[SchedulerProcess] = []

    async def start(**environment: str) -> SchedulerProcess:
        settings = {
            "JOBLOG_BOOTSTRAP_SERVERS": log.bootstrap_servers,
            "JOBLOG_NAMESPACE": log.namespace,
            "JOBLOG_PARTITIONS": str(log.partitions),
            "JOBLOG_DATA_DIR": str(tmp_path),
            "JOBLOG_SESSION_TIMEOUT_MS": "1500",
            "JOBLOG_HEARTBEAT_INTERVAL_MS": "300",
        }
        process = await SchedulerProcess.start(settings | environment)
        started.append(process)
        return process

    yield start
    for process in started:
        await process.kill()
