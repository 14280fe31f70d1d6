"""Runs plain functions in threads."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from contextvars import copy_context
from queue import SimpleQueue

from joblog.processors.worker.executors.abc import Run
from joblog.processors.worker.executors.coroutines import LoopLine
from joblog.processors.worker.failures import raised
from joblog.processors.worker.invocation import invoke
from joblog.processors.worker.outcomes import Outcome
from joblog.processors.worker.scope import Scope

Task = Callable[[], None]


class Threads:
    """An Executor over threads that do not keep the process from ending.

    A thread cannot be stopped: a run that is cancelled goes on until its function returns, and takes its
    place until then; its outcome is no longer of interest.

    It begins without threads; as many are started as run at once.

    Args:
        scope: what handlers run within.
    """

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._idle = 0
        self._tasks: SimpleQueue[Task | None] = SimpleQueue()
        self._threads = 0

    async def run(self, run: Run) -> Outcome:
        """Call a handler in a thread; cancelling this leaves it alone."""
        loop = asyncio.get_running_loop()
        outcome: asyncio.Future[Outcome] = loop.create_future()
        line = LoopLine(run)
        # As `asyncio.to_thread` does: what a handler leaves in a thread's own is there for the next job.
        context = copy_context()

        def finish(result: Outcome) -> None:
            self._idle += 1
            run.freed()
            if not outcome.done():
                outcome.set_result(result)

        def task() -> None:
            try:
                result = context.run(invoke, run.handler, run.call, line, self._scope)
            except BaseException as error:  # noqa: BLE001 - else the attempt would never end
                result = raised(error)
            with suppress(
                RuntimeError
            ):  # the event loop is closed: the worker did not wait for this
                loop.call_soon_threadsafe(finish, result)

        run.begun()
        self._submit(task)
        return await outcome

    def close(self) -> None:
        """Let threads end that have nothing to do."""
        for _ in range(self._threads):
            self._tasks.put(None)

    def _submit(self, task: Task) -> None:
        if self._idle:
            self._idle -= 1
        else:
            self._threads += 1
            thread = threading.Thread(
                target=self._work, name=f"joblog handler {self._threads}", daemon=True
            )
            thread.start()
        self._tasks.put(task)

    def _work(self) -> None:
        while (task := self._tasks.get()) is not None:
            task()
