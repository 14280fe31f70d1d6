"""Runs coroutine functions in the event loop."""

import asyncio

from joblog.processors.worker.executors.abc import Run
from joblog.processors.worker.invocation import invoke_coroutine
from joblog.processors.worker.outcomes import Outcome
from joblog.processors.worker.scope import Scope


class Coroutines:
    """An Executor in the event loop itself: a handler that blocks there stops the whole worker.

    Args:
        scope: what handlers run within.
    """

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def run(self, run: Run) -> Outcome:
        """Await a handler; cancelling this cancels it."""
        run.begun()
        try:
            return await invoke_coroutine(run.handler, run.call, LoopLine(run), self._scope)
        finally:
            run.freed()


class LoopLine:
    """The line of a handler that runs in the worker's event loop, though it may use threads."""

    def __init__(self, run: Run) -> None:
        """Make the line of a run, in the event loop."""
        self._run = run
        self._loop = asyncio.get_running_loop()

    @property
    def cancelled(self) -> bool:
        """Whether the job is to be cancelled."""
        return self._run.cancelled

    def wait_cancelled(self, timeout: float | None) -> bool:
        """Wait, in a thread, until the job is to be cancelled."""
        return self._run.wait_cancelled(timeout)

    def heartbeat(self, progress: float | None, message: str | None) -> None:
        """Tell how far the handler is."""
        self._loop.call_soon_threadsafe(self._run.told, progress, message)
