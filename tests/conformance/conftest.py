"""A joblog in memory and one on Kafka, for the same scenarios."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from joblog.streams.settings import Settings
from tests.conformance.agreement import assert_replay_agrees
from tests.conformance.in_memory import JoblogInMemory
from tests.conformance.joblog import Joblog
from tests.conformance.on_kafka import JoblogOnKafka

OpenJoblog = Callable[..., Awaitable[Joblog]]


@pytest.fixture(params=["memory", "kafka"])
async def open_joblog(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[OpenJoblog]:
    """Opens a joblog of two partitions; arguments are its limits.

    After the test what it decided is held against a replay of its log.
    """
    where: dict[str, Any] = {}
    kind: type[Joblog] = JoblogInMemory
    if request.param == "kafka":
        kind = JoblogOnKafka
        where["bootstrap_servers"] = request.getfixturevalue("bootstrap_servers")
        where["namespace"] = request.getfixturevalue("namespace")
    async with AsyncExitStack() as stack:
        opened: list[Joblog] = []

        async def open_(**limits: int) -> Joblog:
            settings = Settings(partitions=2, limits=limits, data_dir=tmp_path, **where)
            opened.append(await stack.enter_async_context(kind(settings)))
            return opened[-1]

        yield open_
        for joblog in opened:
            await assert_replay_agrees(joblog)


@pytest.fixture
async def joblog(open_joblog: OpenJoblog) -> Joblog:
    """A joblog with the usual limits."""
    return await open_joblog()
