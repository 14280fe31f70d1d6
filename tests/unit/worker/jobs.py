"""Handlers for the tests, where child processes can import them."""

import asyncio
import logging
import os
import signal
import time
from contextvars import ContextVar
from datetime import timedelta
from typing import Final, NoReturn

from pydantic import BaseModel, Field, field_validator

from joblog.processors.worker.context import Context
from joblog.processors.worker.handlers import Handler
from joblog.processors.worker.registry import Registry
from joblog.processors.worker.verdicts import Fatal, RetryAfter

REGISTRY: Final = Registry()
LONG: Final = 60.0
"""Seconds that no test waits."""


class Number(BaseModel):
    n: int = Field(default=0, ge=0)


class Answer(BaseModel):
    text: str


left: ContextVar[str] = ContextVar("left", default="nothing")


def leave_a_variable() -> str:
    """Return what is in a context variable, and leave something there."""
    found = left.get()
    left.set("something")
    return found


@REGISTRY.job("leaves")
async def leave_in_a_coroutine(_: Number) -> str:
    return leave_a_variable()


@REGISTRY.job("leaves.thread", run_in="thread")
def leave_in_a_thread(_: Number) -> str:
    return leave_a_variable()


@REGISTRY.job("leaves.process", run_in="process")
def leave_in_a_process(_: Number) -> str:
    return leave_a_variable()


@REGISTRY.job("echo")
async def echo(number: Number) -> int:
    return number.n


@REGISTRY.job("echo.thread")
def echo_in_a_thread(number: Number) -> Answer:
    return Answer(text=str(number.n))


class Charged(BaseModel):
    key: int

    @field_validator("key", mode="before")
    @classmethod
    def _looks_it_up(cls, key: object) -> object:
        if key == "sk_live_1":
            raise KeyError(key)
        return key


@REGISTRY.job("result.raises")
async def return_what_the_model_raises_at(_: Number) -> Charged:
    return {"key": "sk_live_1"}  # type: ignore[return-value]


@REGISTRY.job("result.raises.thread")
def return_what_the_model_raises_at_in_a_thread(_: Number) -> Charged:
    return {"key": "sk_live_1"}  # type: ignore[return-value]


@REGISTRY.job("result.secret")
async def return_what_the_model_refuses(_: Number) -> Charged:
    return {"key": "sk_live_2"}  # type: ignore[return-value]


@REGISTRY.job("pid", run_in="process")
def pid(_: Number) -> int:
    return os.getpid()


@REGISTRY.job("pid.async", run_in="process")
async def pid_of_a_coroutine(_: Number) -> int:
    await asyncio.sleep(0)
    return os.getpid()


@REGISTRY.job("signal", run_in="process")
def end_by_a_signal(number: Number) -> NoReturn:
    os.kill(os.getpid(), number.n)
    raise AssertionError("a signal ends this process")


@REGISTRY.job("exit", run_in="process")
def exit_at_once(number: Number) -> NoReturn:
    os._exit(number.n)


@REGISTRY.job("close", run_in="process")
def close_everything(_: Number) -> None:
    os.closerange(3, 256)


@REGISTRY.job("wait.process", run_in="process")
def wait_in_a_process(_: Number, context: Context) -> bool:
    context.heartbeat(0.5, "begun")
    return context.wait_cancelled(LONG)


@REGISTRY.job("stubborn.process", run_in="process")
def ignore_everything(_: Number, context: Context) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    context.heartbeat(message="begun")
    time.sleep(LONG)


@REGISTRY.job("wait.async.process", run_in="process")
async def sleep_in_a_process(_: Number, context: Context) -> None:
    context.heartbeat(message="begun")
    await asyncio.sleep(LONG)


@REGISTRY.job("wait.thread")
def wait_in_a_thread(_: Number, context: Context) -> None:
    context.heartbeat(message="begun")
    context.wait_cancelled(LONG)
    context.raise_if_cancelled()


@REGISTRY.job("wait")
async def wait(_: Number, context: Context) -> None:
    context.heartbeat(message="begun")
    await asyncio.sleep(LONG)


@REGISTRY.job("log", run_in="process")
def log(number: Number, context: Context) -> None:
    context.logger.warning("number %d", number.n)
    try:
        int("inside")
    except ValueError:
        logging.getLogger("tests.jobs").exception("it failed")


@REGISTRY.job("fail")
async def fail(number: Number) -> None:
    raise ValueError(f"number {number.n}")


@REGISTRY.job("fatal")
def fail_for_good(_: Number) -> None:
    raise Fatal("no such account")


@REGISTRY.job("retry.after", run_in="process")
def fail_for_a_while(number: Number) -> None:
    raise RetryAfter(timedelta(milliseconds=number.n))


@REGISTRY.job("sys.exit")
async def leave(_: Number) -> None:
    raise SystemExit(3)


@REGISTRY.job("unannotated")
async def return_without_saying_so(_: Number):  # type: ignore[no-untyped-def]  # noqa: ANN201 - on purpose
    return 1


@REGISTRY.job("large")
async def return_too_much(number: Number) -> str:
    return "x" * number.n


@REGISTRY.job("wrong")
async def return_something_else(_: Number) -> int:
    return "text"  # type: ignore[return-value]  # that is what is tested


def handler(type_: str) -> Handler:
    found = REGISTRY.get(type_)
    assert found is not None
    return found
