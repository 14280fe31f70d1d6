"""The scheduler's process: Faust's worker, its signals, and its end within a bound."""

import asyncio
import logging
import signal
import sys
import threading
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Final

from faust.worker import Worker

from joblog.streams.faust_app.app import JoblogApp
from joblog.streams.faust_app.errors import ShutdownTimeoutError

if sys.platform == "win32":
    from asyncio import new_event_loop
else:
    from uvloop import new_event_loop

LIBRARIES: Final = ("faust", "mode", "aiokafka", "kafka")
STOP_MARGIN_SECONDS: Final = 5.0
"""Time for leaving the group and stopping Faust, after partitions are closed."""


class JoblogWorker(Worker):
    """Runs the app until SIGINT or SIGTERM."""

    app: JoblogApp
    mundane_level = "debug"

    def __init__(self, app: JoblogApp, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(app, loop=loop, quiet=True, override_logging=False, redirect_stdouts=False)
        self.spinner = None
        seconds = app.settings.scheduler.shutdown_grace_ms / 1000 + STOP_MARGIN_SECONDS
        # a thread, since Faust may wait for its consumer thread with the event loop stopped
        self._deadline = threading.Timer(
            seconds, app.fail_stop.fail, ("stopping", ShutdownTimeoutError(seconds))
        )
        self._deadline.daemon = True

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
        self._deadline.cancel()


async def serve(app: JoblogApp) -> None:
    """Run the app in this event loop until SIGINT or SIGTERM.

    Partitions are closed, what was acknowledged is committed and the group is left before it returns.
    If anything fails, the process ends instead.
    """
    for library in LIBRARIES:
        logging.getLogger(library).setLevel(logging.WARNING)
    worker = JoblogWorker(app, asyncio.get_running_loop())
    with app.fail_stop.fatal("running the app"):
        await worker.start()
        await worker.stopped()


def run(app: JoblogApp, resources: AbstractAsyncContextManager[object] | None = None) -> None:
    """Run the app in this process until SIGINT or SIGTERM.

    Args:
        app: the app.
        resources: entered before the app starts and left after it has stopped, in its event loop.
    """

    async def main() -> None:
        async with resources or nullcontext():
            await serve(app)

    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(main())
