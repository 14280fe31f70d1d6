"""A client for threads: what it runs in, when it connects, and what a fork leaves of it."""

import asyncio
import atexit
import os
import threading
from collections.abc import Callable, Coroutine
from typing import Any, Final, Generic, Protocol, TypeVar
from weakref import WeakSet

from joblog.client.attempt import Attempt
from joblog.client.client import Client
from joblog.client.errors import EventLoopRunsError

T = TypeVar("T")
C_co = TypeVar("C_co", bound=Client, covariant=True)


class Caller(Protocol):
    """Calls a client for who has no event loop."""

    def run(self, call: Callable[[Client], Coroutine[Any, Any, T]]) -> T:
        """Call it and wait for what it returns."""
        ...

    def close(self) -> None:
        """Disconnect it."""
        ...


class Blocking(Generic[C_co]):
    """A client that runs in an event loop of its own, in a thread of its own; safe in any thread.

    It connects at its first call, and anew in a process that was forked since, so that it may be made at the
    top of a module. `close`, or the process's end, disconnects it.

    Args:
        make: makes the client.
    """

    def __init__(self, make: Callable[[], C_co]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._attempt: Attempt[C_co] | None = None
        _ALL.add(self)

    def run(self, call: Callable[[C_co], Coroutine[Any, Any, T]]) -> T:
        """Call the client and wait for what it returns.

        While it connects, calls wait for one attempt and share its outcome; the next call makes another one.

        Raises:
            EventLoopRunsError: this thread runs an event loop, which would stand still meanwhile.
            ClientClosedError: another thread closed it meanwhile.
            JoblogError: what the client raises as it connects, or the call.
        """
        refuse_event_loop()
        attempt = self._begun()
        try:
            client = attempt.client()
        except Exception:
            self._drop(attempt)
            raise
        return attempt.thread.run(call(client))

    def close(self) -> None:
        """Disconnect, once all that was sent is acknowledged; the next call connects again.

        Other threads' calls that wait for an answer raise ClientClosedError.
        """
        with self._lock:
            attempt, self._attempt = self._attempt, None
        if attempt is not None:
            attempt.close()

    def forget(self) -> None:
        """Leave the connection to the process that this one was forked from."""
        self._lock = threading.Lock()
        if self._attempt is not None:
            _LEFT.append(self._attempt)
        self._attempt = None

    def _begun(self) -> Attempt[C_co]:
        """Return the attempt whose outcome counts; one that failed while nobody waited for it does not."""
        failed = self._attempt
        if failed is not None and failed.has_failed:
            self._drop(failed)
        with self._lock:
            if self._attempt is None:
                self._attempt = Attempt(self._make)
            return self._attempt

    def _drop(self, failed: Attempt[C_co]) -> None:
        with self._lock:
            is_first = self._attempt is failed
            if is_first:
                self._attempt = None
        if is_first:
            failed.close()


def refuse_event_loop() -> None:
    """Refuse to block a thread that runs an event loop.

    Raises:
        EventLoopRunsError: this one does.
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return
    raise EventLoopRunsError


_ALL: Final[WeakSet[Blocking[Any]]] = WeakSet()

_LEFT: Final[list[Attempt[Any]]] = []
"""Connections of the process that this one was forked from: if they ended here, they would complain."""


@atexit.register
def _close_all() -> None:
    failures: list[Exception] = []
    for blocking in list(_ALL):
        try:
            blocking.close()
        except Exception as error:  # noqa: BLE001 - the others are to be closed whatever it is
            failures.append(error)
    if failures:
        raise ExceptionGroup("not all that was submitted is known to be in the log", failures)


def _forget_all() -> None:
    for blocking in list(_ALL):
        blocking.forget()


os.register_at_fork(after_in_child=_forget_all)
