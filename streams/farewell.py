"""Leaving what a process is connected to: in its own time after a good end, at once after a bad one."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress


@asynccontextmanager
async def leaving(leave: Callable[[], Awaitable[None]], seconds: float) -> AsyncIterator[None]:
    """Leave what was entered before, once the block has ended.

    Args:
        leave: waits until all is done, and disconnects.
        seconds: how long it may take where the block has failed: what failed may be what it would wait for.
    """
    try:
        yield
    except BaseException:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await leave()
        raise
    await leave()
