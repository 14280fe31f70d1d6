"""Handlers that keep a ledger of what they really did."""

import asyncio
import os
import signal
from pathlib import Path

from joblog import Context, RetryPolicy, job
from tests.faults.numbers import Number
from tests.history.ledger import Ledger

LEDGER = Ledger(Path(os.environ["TEST_LEDGER"]))
SOON = RetryPolicy(max_attempts=4, initial_delay_ms=1_000, max_delay_ms=1_500)


@job("quick", retry=SOON)
async def quick(payload: Number, context: Context) -> None:
    """End at once."""
    del payload
    note(context, "start")
    note(context, "end")


@job("flaky", retry=SOON)
async def flaky(payload: Number, context: Context) -> None:
    """Fail at first."""
    note(context, "start")
    if context.attempt <= payload.number % 3:
        raise ValueError("not yet")
    note(context, "end")


@job("long", retry=SOON)
async def long(payload: Number, context: Context) -> None:
    """Run longer than a claim lasts without a lease."""
    del payload
    note(context, "start")
    await asyncio.sleep(1.2)
    note(context, "end")


@job("slow", retry=SOON)
async def slow(payload: Number, context: Context) -> None:
    """Run on while a topic is gone and comes again."""
    del payload
    note(context, "start")
    await asyncio.sleep(8)
    note(context, "end")


@job("held", retry=SOON)
async def held(payload: Number, context: Context) -> None:
    """Never end the first attempt: whoever runs it is in its middle until it dies."""
    del payload
    note(context, "start")
    if context.attempt == 1:
        await asyncio.Event().wait()
    note(context, "end")


@job("innocent", retry=RetryPolicy(max_attempts=1))
async def innocent(payload: Number, context: Context) -> None:
    """End at once, at the first and only attempt."""
    del payload
    note(context, "start")
    await asyncio.sleep(0.05)
    note(context, "end")


@job("deadly", retry=RetryPolicy(max_attempts=2, initial_delay_ms=100))
async def deadly(payload: Number, context: Context) -> None:
    """Kill the process that runs it."""
    del payload
    note(context, "start")
    os.kill(os.getpid(), signal.SIGKILL)


def note(context: Context, what: str) -> None:
    """Write a line into the ledger."""
    LEDGER.append(
        context.job_id, context.generation, context.attempt, "start" if what == "start" else "end"
    )
