"""Handlers for the tests of child processes, where these can import them."""

import asyncio
import gc
import logging
import os
import signal
from collections.abc import AsyncIterator, Iterator
from enum import StrEnum
from typing import Final

from joblog.processors.worker.context import Context
from joblog.processors.worker.registry import Registry
from tests.unit.worker.jobs import Number

REGISTRY: Final = Registry()


class OneWay:
    """Pickles, and does not unpickle."""

    def __reduce__(self) -> tuple[object, ...]:
        return (int, ("no number",))

    def __repr__(self) -> str:
        return "one way"


class Mute:
    """Has no text."""

    def __repr__(self) -> str:
        raise ValueError("no text")


class Garbage:
    """Logs when it is collected, and only then: it refers to itself."""

    def __init__(self) -> None:
        self.itself = self

    def __del__(self) -> None:
        logging.getLogger("tests.jobs").warning("collected")


class Collecting:
    """Has garbage collected while it is pickled."""

    def __reduce__(self) -> tuple[object, ...]:
        Garbage()
        gc.collect()
        return (str, ("pickled",))


class Colour(StrEnum):
    RED = "red"


def never_opens(_: str) -> Iterator[None]:
    """A resource that cannot be had."""
    raise ConnectionError("nobody answers")
    yield


def never_closes() -> Iterator[str]:
    """A resource that does not close."""
    yield "open"
    raise OSError("disk full")


async def ends_by_itself() -> AsyncIterator[None]:
    """A resource whose background task fails."""
    async with asyncio.TaskGroup() as group:
        group.create_task(_fail())
        yield


async def _fail() -> None:
    raise ConnectionError("lost")


@REGISTRY.job("log.objects", run_in="process")
def log_objects(number: Number) -> int:
    objects = {"order": OneWay(), "mute": Mute(), "colour": Colour.RED, "n": 7, "none": None}
    logging.getLogger("tests.jobs").warning("with objects", extra=objects)
    return number.n


@REGISTRY.job("tell.object", run_in="process")
def tell_an_object(_: Number, context: Context) -> None:
    context._line.heartbeat(None, OneWay())  # type: ignore[arg-type]  # noqa: SLF001 - that is what is tested


@REGISTRY.job("tell.collecting", run_in="process")
def tell_while_garbage_is_collected(_: Number, context: Context) -> None:
    context._line.heartbeat(None, Collecting())  # type: ignore[arg-type]  # noqa: SLF001 - as above


@REGISTRY.job("fork", run_in="process")
def fork_and_die(_: Number, context: Context) -> None:
    """Leave behind a process that holds what this one has open."""
    left = os.fork()
    if left == 0:
        signal.pause()
        os._exit(0)
    context.heartbeat(message=str(left))
    os.kill(os.getpid(), signal.SIGKILL)
