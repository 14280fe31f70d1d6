"""Jobs whose handlers harm whoever runs them."""

import asyncio
import signal
from contextlib import suppress
from pathlib import Path
from typing import Final

from tests.chaos.ground.field import Field
from tests.chaos.ground.services import resend
from tests.chaos.plan import Step

MOST_BYTES: Final = 700 * 1024 * 1024
"""A worker that takes more is ended, as a container's limit would."""

EATING_SECONDS: Final = 15.0
POLL_SECONDS: Final = 0.05
PAGE: Final = 4096


async def segfaults(field: Field, step: Step) -> None:
    """Crash workers, and the processes in which they run handlers."""
    del step
    await field.load.submit(field.client, ["segfault", "segfault_apart"])


async def memory_eaters(field: Field, step: Step) -> None:
    """Have a handler take memory until its worker is killed for it."""
    await field.load.submit(field.client, ["eater"])
    await _kill_the_large(field, max(EATING_SECONDS, step.seconds))


async def never_return(field: Field, step: Step) -> None:
    """Have handlers run into their time limit."""
    del step
    await field.load.submit(field.client, ["endless", "endless_apart"] * 2)


async def block_the_loop(field: Field, step: Step) -> None:
    """Have a handler stop the event loop of its worker, for longer than a lease."""
    await field.load.submit(field.client, ["hog"], round(step.seconds))
    await asyncio.sleep(step.seconds)


async def _kill_the_large(field: Field, seconds: float) -> None:
    until = asyncio.get_running_loop().time() + seconds
    while asyncio.get_running_loop().time() < until:
        for pid in field.services.workers():
            if _resident(pid) > MOST_BYTES:
                resend(pid, signal.SIGKILL)
        await asyncio.sleep(POLL_SECONDS)


def _resident(pid: int) -> int:
    with suppress(FileNotFoundError, ProcessLookupError):
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE
    return 0
