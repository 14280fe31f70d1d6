"""The handler that only waits, as for an answer from elsewhere."""

import asyncio
from typing import Final

from benchmarks.handlers.noop import Nothing
from joblog import job

WAIT_SECONDS: Final = 0.05


@job("io")
async def io(payload: Nothing) -> int:
    """Wait for 50 ms, and say which."""
    await asyncio.sleep(WAIT_SECONDS)
    return payload.number
