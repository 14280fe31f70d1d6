from collections.abc import AsyncIterator

import pytest_asyncio

from joblog.processors.worker.executors import Processes
from joblog.processors.worker.scope import Scope
from tests.unit.worker.jobs import REGISTRY


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def processes() -> AsyncIterator[Processes]:
    """Runs handlers in processes; starting them takes a second, so a module shares them."""
    executor = Processes(REGISTRY.modules, Scope())
    yield executor
    await executor.close()
