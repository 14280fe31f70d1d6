"""The seam between an attempt and the place in which its handler runs."""

import threading
from collections.abc import Callable
from typing import Final, Protocol

from joblog.processors.worker.call import Call
from joblog.processors.worker.handlers import Handler
from joblog.processors.worker.outcomes import Outcome

Told = Callable[[float | None, str | None], None]
"""Takes progress and message of a heartbeat, in the event loop."""

_MAKING: Final = threading.Lock()


class Run:
    """A handler's run: what is called for whom, and how the two hear of each other.

    Args:
        handler: the handler.
        call: what it is called for.
        told: takes its heartbeats.
        freed: to be called, in the event loop, once the place it ran in is free again.

    Attributes:
        begun: to be called, in the event loop, when the handler is called.
        cancelled: whether its job is to be cancelled.
    """

    def __init__(self, handler: Handler, call: Call, told: Told, freed: Callable[[], None]) -> None:
        self.handler = handler
        self.call = call
        self.told = told
        self.freed = freed
        self.begun: Callable[[], None] = _nothing
        self.cancelled = False
        self._awaited: threading.Event | None = None
        self._listener: Callable[[], None] | None = None

    def cancel(self) -> None:
        """Let the handler know that its job is to be cancelled."""
        with _MAKING:
            self.cancelled = True
        if self._awaited is not None:
            self._awaited.set()
        if self._listener is not None:
            self._listener()

    def wait_cancelled(self, timeout: float | None) -> bool:
        """Wait, in a thread, until `cancel` was called; return whether it was."""
        with _MAKING:
            if self.cancelled:
                return True
            if self._awaited is None:  # few handlers wait, so that few runs have an event
                self._awaited = threading.Event()
        return self._awaited.wait(timeout)

    def when_cancelled(self, listener: Callable[[], None]) -> None:
        """Have a function called by `cancel`; at once where that was called before."""
        self._listener = listener
        if self.cancelled:
            listener()


def _nothing() -> None:
    """Do nothing."""


class Executor(Protocol):
    """Runs handlers in one kind of place."""

    async def run(self, run: Run) -> Outcome:
        """Run a handler and return how its attempt ended.

        Raises:
            asyncio.CancelledError: it was cancelled; where that is possible the handler was stopped.
        """
        ...
