"""The scheduler's disk, and what is on it."""

import asyncio
import random
import shutil
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Final

from tests.chaos.ground.field import Field
from tests.chaos.ground.services import resend
from tests.chaos.plan import Step

SCHEDULER: Final = "scheduler"
POLL_SECONDS: Final = 0.02
CORRUPTED_BYTES: Final = 256


async def full(field: Field, step: Step) -> None:
    """Leave no room for a while."""
    await asyncio.to_thread(field.disk.fill)
    try:
        await asyncio.sleep(step.seconds)
    finally:
        field.disk.free()


async def read_only(field: Field, step: Step) -> None:
    """Let nobody write for a while; whoever does is ended first, as the system does not allow it otherwise."""
    while not field.disk.read_only():
        await field.services.signal(SCHEDULER, signal.SIGKILL)
        await asyncio.sleep(POLL_SECONDS)
    try:
        await asyncio.sleep(step.seconds)
    finally:
        field.disk.writable()


async def store_corrupted(field: Field, step: Step) -> None:
    """Change bytes in each file of the store, and end the scheduler."""
    chance = random.Random(step.at)
    await _amid(field, lambda: _corrupt(field.disk.path, chance))


async def store_deleted(field: Field, step: Step) -> None:
    """Remove the store, and end the scheduler."""
    del step
    await _amid(field, lambda: _remove(field.disk.path))


async def _amid(field: Field, change: Callable[[], None]) -> None:
    """Change what is on the disk while the scheduler stands still, and end it before it goes on."""
    pid = await field.services.signal(SCHEDULER, signal.SIGSTOP)
    change()
    resend(pid, signal.SIGKILL)


def _corrupt(directory: Path, chance: random.Random) -> None:
    for path in sorted(directory.rglob("*")):
        size = path.stat().st_size if path.is_file() else 0
        if size:
            with path.open("r+b") as file:
                file.seek(chance.randrange(size))
                file.write(chance.randbytes(min(CORRUPTED_BYTES, size)))


def _remove(directory: Path) -> None:
    for path in directory.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
