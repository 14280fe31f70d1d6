"""The scheduler's process: Faust's worker, its signals, and its end within a bound."""

import asyncio
import logging
import signal
import threading
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Final

from faust.worker import Worker
from uvloop import new_event_loop

from joblog.streams.faust_app.app import JoblogApp
from joblog.streams.faust_app.errors import ShutdownTimeoutError

LIBRARIES: Final = ("faust", "mode", "aiokafka", "kafka")
STOP_MARGIN_SECONDS: Final = 5.0
"""Time for leaving the group and for everything else to stop, after partitions are closed."""


class JoblogWorker(Worker):
    """Runs the app until SIGINT or SIGTERM.

    Args:
        app: the app.
        loop: the running event loop.
        deadline: started by the first signal.
    """

    app: JoblogApp
    mundane_level = "debug"

    def __init__(
        self, app: JoblogApp, loop: asyncio.AbstractEventLoop, deadline: threading.Timer
    ) -> None:
        super().__init__(app, loop=loop, quiet=True, override_logging=False, redirect_stdouts=False)
        self.spinner = None
        self._deadline = deadline

    def install_signal_handlers(self) -> None:
        """Stop on SIGINT and SIGTERM; Faust's others start a debugger and print stacks."""
        for signum in (signal.SIGINT, signal.SIGTERM):
            self.loop.add_signal_handler(signum, self._schedule_shutdown, signum)

    def _schedule_shutdown(self, signal: signal.Signals) -> None:
        if not self._deadline.is_alive():
            self._deadline.start()
        super()._schedule_shutdown(signal)

    def _setproctitle(self, *_: object, **__: object) -> None:
        """Leave the process the title it has."""

    async def stopped(self) -> None:
        """Wait until it has stopped after a signal."""
        if self._signal_stop_future is not None:
            await self._signal_stop_future


def run(app: JoblogApp, resources: AbstractAsyncContextManager[object] | None = None) -> None:
    """Run the app in this process until SIGINT or SIGTERM.

    Before it returns, partitions are closed, what was acknowledged is committed and the group is
    left. If anything fails, or this takes too long, the process ends instead.

    Args:
        app: the app.
        resources: entered before the app starts and left after it has stopped, in its event loop.
    """
    for library in LIBRARIES:
        logging.getLogger(library).setLevel(logging.WARNING)
    deadline = _deadline(app)
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(_run(app, resources or nullcontext(), deadline))
    deadline.cancel()


async def _run(
    app: JoblogApp, resources: AbstractAsyncContextManager[object], deadline: threading.Timer
) -> None:
    with app.fail_stop.fatal("running the app"):
        async with resources:
            worker = JoblogWorker(app, asyncio.get_running_loop(), deadline)
            await worker.start()
            await worker.stopped()


def _deadline(app: JoblogApp) -> threading.Timer:
    """Return a timer in a thread of its own: whatever hangs may hang the event loop with it."""
    seconds = app.settings.scheduler.shutdown_grace_ms / 1000 + STOP_MARGIN_SECONDS
    deadline = threading.Timer(
        seconds, app.fail_stop.fail, ("stopping", ShutdownTimeoutError(seconds))
    )
    deadline.daemon = True
    return deadline
