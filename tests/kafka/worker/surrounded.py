"""Handlers with resources and middleware, of worker processes that keep a ledger of what happens."""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Final

from joblog.processors.worker.context import Context
from joblog.processors.worker.registry import Registry
from tests.kafka.worker.jobs import Task

REGISTRY: Final = Registry()
LEDGER: Final = "TEST_LEDGER"
BROKEN: Final = "TEST_BROKEN"
"""The how manieth shared object does not open; where there is one, others do not close."""


class Shared:
    """What handlers share in a process."""

    def __init__(self) -> None:
        self.calls = 0


def note(word: str) -> None:
    """Write a line, whole or not at all."""
    with Path(os.environ[LEDGER]).open("a", encoding="utf-8") as ledger:
        ledger.write(f"{word} {os.getpid()}\n")


def _opened() -> int:
    lines = Path(os.environ[LEDGER]).read_text(encoding="utf-8").splitlines()
    return sum(line.startswith("opening") for line in lines)


@REGISTRY.resource
async def shared() -> AsyncIterator[Shared]:
    note("opening")
    if _opened() == int(os.environ.get(BROKEN, "0")):
        raise ConnectionError("nobody answers")
    note("open")
    yield Shared()
    note("close")
    if BROKEN in os.environ:
        raise OSError("disk full")


@REGISTRY.middleware
def around(context: Context, shared: Shared) -> Iterator[None]:
    shared.calls += 1
    note(f"before:{context.type}")
    yield
    note(f"after:{context.type}")


@REGISTRY.job("in.loop")
async def in_the_loop(_: Task, shared: Shared) -> int:
    return shared.calls


@REGISTRY.job("in.thread")
def in_a_thread(_: Task, shared: Shared) -> int:
    return shared.calls


@REGISTRY.job("in.process", run_in="process")
def in_a_process(_: Task, shared: Shared) -> int:
    return shared.calls
