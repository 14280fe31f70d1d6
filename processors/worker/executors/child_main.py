"""A child process: runs one handler at a time in its main thread, and ends with its worker."""

import asyncio
import logging
import os
import pickle
import signal
import socket
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from contextvars import copy_context
from functools import lru_cache
from logging.handlers import QueueHandler
from queue import SimpleQueue
from types import FrameType
from typing import Final

from joblog.processors.worker import failures
from joblog.processors.worker.call import Call
from joblog.processors.worker.executors.frames import receive
from joblog.processors.worker.executors.sender import Sender
from joblog.processors.worker.handlers import Handler
from joblog.processors.worker.invocation import invoke, invoke_coroutine
from joblog.processors.worker.outcomes import Cancelled, Outcome
from joblog.processors.worker.scope import Scope
from joblog.processors.worker.scope.errors import ResourceFailedError

SCOPE: Final = "scope"
RUN: Final = "run"
CANCEL: Final = "cancel"
END: Final = "end"
BEGUN: Final = "begun"
HEARTBEAT: Final = "heartbeat"
LOG: Final = "log"
OUTCOME: Final = "outcome"
UNFIT: Final = "unfit"

WORKER_GONE: Final = 1
"""Exit code of a child whose worker is gone."""

logger = logging.getLogger(__name__)


def child_main(connection: socket.socket, log_level: int) -> None:
    """Run what the worker sends, until it says that this is all, or is gone.

    Args:
        connection: to the worker.
        log_level: least level of log records that the worker wants to see.
    """
    for signum in (signal.SIGINT, signal.SIGTERM):
        # the worker decides when a child ends; a function, since programs started here would inherit SIG_IGN
        signal.signal(signum, leave_it_to_the_worker)
    sender = Sender(connection)
    worker = _Worker(sender)
    logging.getLogger().setLevel(log_level)
    logging.getLogger().addHandler(_ToWorker(sender))
    calls: SimpleQueue[tuple[bytes, Call] | None] = SimpleQueue()
    threading.Thread(
        target=_listen, args=(connection, calls, worker), name="joblog worker", daemon=True
    ).start()
    with asyncio.Runner() as runner:
        is_open = False
        while (work := calls.get()) is not None:
            handler, call = work
            resources = worker.scope.resources
            try:
                if not is_open:
                    runner.run(resources.open())
                elif resources.ordered:
                    runner.run(resources.check())
            except ResourceFailedError as error:
                notes = getattr(error, "__notes__", [])
                sender.send(UNFIT, error.resource, error.step, error.reason, notes)
                continue
            is_open = True
            sender.send(BEGUN)
            sender.send(OUTCOME, _run(_loaded(handler), call, worker, runner))
        _close(worker.scope, runner)


class _Worker:
    """The line to the worker, and what it said: what handlers run within, and about the present run."""

    def __init__(self, sender: Sender) -> None:
        self.scope = Scope()
        self._sender = sender
        self._cancelled = threading.Event()
        self._stop: Callable[[], None] | None = None

    @property
    def cancelled(self) -> bool:
        return self._cancelled.is_set()

    def wait_cancelled(self, timeout: float | None) -> bool:
        return self._cancelled.wait(timeout)

    def heartbeat(self, progress: float | None, message: str | None) -> None:
        self._sender.send(HEARTBEAT, progress, message)

    def cancel(self) -> None:
        self._cancelled.set()
        if self._stop is not None:
            self._stop()

    def begin(self) -> None:
        self._cancelled.clear()
        self._stop = None

    def when_cancelled(self, stop: Callable[[], None] | None) -> None:
        self._stop = stop
        if stop is not None and self.cancelled:
            stop()


class _ToWorker(QueueHandler):
    """Hands log records to the worker, whose logging is set up."""

    def __init__(self, sender: Sender) -> None:
        super().__init__(SimpleQueue())
        self._sender = sender

    def enqueue(self, record: logging.LogRecord) -> None:
        self._sender.send(LOG, {name: _plain(value) for name, value in vars(record).items()})


def leave_it_to_the_worker(signum: int, frame: FrameType | None) -> None:
    """Do nothing about a signal."""


def _listen(
    connection: socket.socket, calls: "SimpleQueue[tuple[bytes, Call] | None]", worker: _Worker
) -> None:
    try:
        while True:
            kind, *rest = receive(connection)
            if kind == RUN:
                worker.begin()
                calls.put((rest[0], rest[1]))
            elif kind == CANCEL:
                worker.cancel()
            elif kind == SCOPE:
                worker.scope = Scope(*rest)
            else:
                calls.put(None)
    except (EOFError, ConnectionError):
        os._exit(WORKER_GONE)  # at once, whatever the handler does: nobody is left to hear of it
    except BaseException:  # noqa: BLE001 - what cannot be understood is the end, but not without a word
        traceback.print_exc()
        os._exit(WORKER_GONE)


def _run(handler: Handler, call: Call, worker: _Worker, runner: asyncio.Runner) -> Outcome:
    context = copy_context()  # else what a handler leaves in it is there for the next job
    if not handler.is_coroutine:
        return context.run(invoke, handler, call, worker, worker.scope)
    return runner.run(_cancellable(handler, call, worker), context=context)


async def _cancellable(handler: Handler, call: Call, worker: _Worker) -> Outcome:
    loop, task = asyncio.get_running_loop(), asyncio.current_task()

    def stop() -> None:
        with suppress(RuntimeError):  # the loop is closed: the handler has ended
            loop.call_soon_threadsafe(lambda: task and task.cancel())

    worker.when_cancelled(stop)
    try:
        return await invoke_coroutine(handler, call, worker, worker.scope)
    except asyncio.CancelledError as error:
        return Cancelled() if worker.cancelled else failures.raised(error)
    finally:
        worker.when_cancelled(None)


def _close(scope: Scope, runner: asyncio.Runner) -> None:
    try:
        runner.run(scope.resources.close())
    except ResourceFailedError:
        logger.exception("a child process ends, and not all it had opened is closed")


def _plain(value: object) -> object:
    """Return what is sent of a record's attribute: an object may pickle here and not unpickle there."""
    if value is None or type(value) in {bool, float, int, str}:
        return value
    try:
        return repr(value)
    except Exception as broken:  # noqa: BLE001 - a handler's object may have any __repr__
        return f"(its text cannot be had: {type(broken).__name__})"


@lru_cache
def _loaded(handler: bytes) -> Handler:
    loaded: Handler = pickle.loads(handler)  # noqa: S301 - from the worker that started this process
    return loaded
