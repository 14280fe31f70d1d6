"""Handlers of the worker processes in these tests; they keep a ledger of what they did in a file."""

import asyncio
import os
import signal
import time
from datetime import timedelta
from pathlib import Path
from typing import Final, NoReturn

from pydantic import BaseModel

from joblog.processors.worker.context import Context
from joblog.processors.worker.registry import Registry
from joblog.processors.worker.verdicts import Fatal, RetryAfter

REGISTRY: Final = Registry()
POLL_SECONDS: Final = 0.01


class Task(BaseModel):
    """What a handler of these tests is to do.

    Attributes:
        ledger: the file in which it writes what it does.
        gate: the file that it waits for.
    """

    ledger: str
    gate: str = ""

    def note(self, word: str, context: Context) -> None:
        """Write a line, whole or not at all."""
        line = f"{word} {context.job_id} {context.attempt} {os.getpid()}\n"
        descriptor = os.open(self.ledger, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(descriptor, line.encode())
        finally:
            os.close(descriptor)

    @property
    def open(self) -> bool:
        return Path(self.gate).exists()


@REGISTRY.job("note")
async def note(task: Task, context: Context) -> int:
    task.note("ran", context)
    return context.attempt


@REGISTRY.job("note.thread")
def note_in_a_thread(task: Task, context: Context) -> None:
    task.note("ran", context)


@REGISTRY.job("note.process", run_in="process")
def note_in_a_process(task: Task, context: Context) -> None:
    task.note("ran", context)


@REGISTRY.job("gate")
async def wait_at_the_gate(task: Task, context: Context) -> None:
    task.note("began", context)
    while not task.open:  # noqa: ASYNC110 - a file has no event
        await asyncio.sleep(POLL_SECONDS)
    task.note("ran", context)


@REGISTRY.job("gate.thread")
def wait_in_a_thread(task: Task, context: Context) -> None:
    task.note("began", context)
    while not task.open:
        context.raise_if_cancelled()
        time.sleep(POLL_SECONDS)
    task.note("ran", context)


@REGISTRY.job("gate.process", run_in="process")
def wait_in_a_process(task: Task, context: Context) -> None:
    task.note("began", context)
    context.heartbeat(0.5, "at the gate")
    while not task.open:
        time.sleep(POLL_SECONDS)
    task.note("ran", context)


@REGISTRY.job("kill")
async def kill_the_process(task: Task, context: Context) -> NoReturn:
    task.note("began", context)
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("SIGKILL ends this process")


@REGISTRY.job("segfault", run_in="process")
def fall_over(task: Task, context: Context) -> NoReturn:
    task.note("began", context)
    os.kill(os.getpid(), signal.SIGSEGV)
    raise AssertionError("SIGSEGV ends this process")


@REGISTRY.job("fail")
async def fail(_: Task) -> None:
    raise ValueError("it fails")


@REGISTRY.job("fatal")
def fail_for_good(_: Task) -> None:
    raise Fatal("no such account")


@REGISTRY.job("later")
async def try_later(_: Task) -> None:
    raise RetryAfter(timedelta(minutes=1))


@REGISTRY.job("cling")
async def cling_to_life(task: Task, context: Context) -> None:
    task.note("began", context)
    while not task.open:
        try:
            await asyncio.sleep(POLL_SECONDS)
        except asyncio.CancelledError:
            continue
