"""Handlers that keep a ledger of what they really did, and those that do harm."""

import asyncio
import ctypes
import os
import time
from datetime import timedelta
from pathlib import Path
from typing import Final

from joblog import Context, RetryPolicy, job
from tests.chaos.true_time import true_time
from tests.faults.numbers import Number
from tests.history.ledger import Ledger

LEDGER: Final = Ledger(Path(os.environ["CHAOS_LEDGER"]), true_time)
SOON: Final = RetryPolicy(max_attempts=4, initial_delay_ms=500, max_delay_ms=1_500)
TWICE: Final = RetryPolicy(max_attempts=2, initial_delay_ms=500)
A_MOMENT: Final = timedelta(seconds=2)
MEBIBYTE: Final = 1024 * 1024


@job("noop")
async def noop(payload: Number) -> None:
    """End at once, and note nothing."""
    del payload


@job("quick", retry=SOON)
async def quick(payload: Number, context: Context) -> None:
    """End at once."""
    del payload
    start(context)
    end(context)


@job("flaky", retry=SOON)
async def flaky(payload: Number, context: Context) -> None:
    """Fail at first."""
    start(context)
    if context.attempt <= payload.number % 3:
        raise ValueError("not yet")
    end(context)


@job("long", retry=SOON)
async def long(payload: Number, context: Context) -> None:
    """Run longer than a claim lasts without a lease."""
    del payload
    start(context)
    await asyncio.sleep(1.2)
    end(context)


@job("blocking", retry=SOON)
def blocking(payload: Number, context: Context) -> None:
    """Block a thread."""
    del payload
    start(context)
    time.sleep(0.1)
    end(context)


@job("computing", retry=SOON, run_in="process")
def computing(payload: Number, context: Context) -> None:
    """Compute in a process of its own."""
    start(context)
    sum(range(payload.number % 1_000 * 100))
    end(context)


@job("segfault", retry=TWICE)
async def segfault(payload: Number, context: Context) -> None:
    """Crash the worker."""
    del payload
    start(context)
    ctypes.string_at(0)


@job("segfault_apart", retry=TWICE, run_in="process")
def segfault_apart(payload: Number, context: Context) -> None:
    """Crash a process of its own."""
    del payload
    start(context)
    ctypes.string_at(0)


@job("eater", retry=TWICE)
async def eater(payload: Number, context: Context) -> None:
    """Take memory until somebody ends the worker."""
    start(context)
    del payload
    taken = []
    while True:
        taken.append(bytearray(os.urandom(1024) * 8 * 1024))
        await asyncio.sleep(0.01)


@job("endless", retry=TWICE, timeout=A_MOMENT)
async def endless(payload: Number, context: Context) -> None:
    """Never return, and refuse to be cancelled at first."""
    del payload
    start(context)
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        await asyncio.sleep(0.5)
        raise


@job("endless_apart", retry=TWICE, timeout=A_MOMENT, run_in="process")
def endless_apart(payload: Number, context: Context) -> None:
    """Never return, in a process of its own."""
    del payload
    start(context)
    while True:
        time.sleep(1)


@job("hog", retry=SOON)
async def hog(payload: Number, context: Context) -> None:
    """Block the worker's event loop for longer than a lease, once."""
    start(context)
    if context.attempt == 1:
        time.sleep(payload.number)  # noqa: ASYNC251 - that is what it is for
    end(context)


def start(context: Context) -> None:
    """Note that the handler has begun."""
    LEDGER.append(context.job_id, context.generation, context.attempt, "start")


def end(context: Context) -> None:
    """Note that the handler ends."""
    LEDGER.append(context.job_id, context.generation, context.attempt, "end")
