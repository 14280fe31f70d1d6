"""The client for programs without an event loop: scripts, Django, Flask, Celery tasks on their way out."""

import asyncio
import atexit
import os
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Iterator
from itertools import islice
from types import TracebackType
from typing import Any, Final, Generic, Protocol, Self, TypeVar, Unpack, overload
from weakref import WeakSet

from pydantic import BaseModel

from joblog.client.client import GET_SECONDS, WAIT_SECONDS, Client
from joblog.client.errors import EventLoopRunsError
from joblog.client.job import Job, Submitted
from joblog.client.loop_thread import LoopThread
from joblog.client.payloads import Payload, Target
from joblog.client.submissions import Options, Submission
from joblog.lifecycle.states import Status
from joblog.streams.settings import Settings

CHUNK: Final = 5_000
"""Submissions that are taken from the caller's iterable at a time, in the caller's thread."""

T = TypeVar("T")
C_co = TypeVar("C_co", bound=Client, covariant=True)


class Calls(Protocol):
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
        self._opening = threading.Lock()
        self._opened: tuple[LoopThread, C_co] | None = None
        _ALL.add(self)

    def run(self, call: Callable[[C_co], Coroutine[Any, Any, T]]) -> T:
        """Call the client and wait for what it returns.

        Raises:
            EventLoopRunsError: this thread runs an event loop, which would stand still meanwhile.
        """
        refuse_event_loop()
        with self._opening:
            thread, client = self._opened or self._open()
        return thread.run(call(client))

    def close(self) -> None:
        """Disconnect, once all that was sent is acknowledged; the next call connects again.

        Calls of other threads that wait for an answer raise ClientClosedError.
        """
        with self._opening:
            opened, self._opened = self._opened, None
        if opened is not None:
            thread, client = opened
            try:
                thread.run(client.__aexit__(None, None, None))
            finally:
                thread.stop()

    def forget(self) -> None:
        """Leave the connection to the process that this one was forked from."""
        self._opening = threading.Lock()
        if self._opened is not None:
            _LEFT.append(self._opened)
        self._opened = None

    def _open(self) -> tuple[LoopThread, C_co]:
        thread = LoopThread("joblog client")
        try:
            client = thread.run(_opened(self._make))
        except BaseException:
            thread.stop()
            raise
        self._opened = thread, client
        return self._opened


class SyncClient:
    """Submits jobs and asks about them, and waits for each answer; see `Client` for what each method does.

    It may be made at the top of a module and used in any thread: it connects at its first call, and anew in a
    process that was forked since. In a coroutine use `Client`.

    Args:
        settings: where Kafka is, and which log. Defaults to those of the environment.
        name: who submits and asks, where a call does not say it. Defaults to `<host>/<process id>`.
    """

    def __init__(self, settings: Settings | None = None, *, name: str | None = None) -> None:
        self._blocking: Calls = Blocking(lambda: Client(settings, name=name))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Disconnect, once all that was sent is acknowledged."""
        self.close()

    def close(self) -> None:
        """Disconnect, once all that was sent is acknowledged; the next call connects again.

        Calls of other threads that wait for an answer raise ClientClosedError.
        """
        self._blocking.close()

    def submit(
        self, target: Target, payload: BaseModel | Payload, **options: Unpack[Options]
    ) -> Submitted:
        """Submit a job, see `Client.submit`."""
        return self._blocking.run(lambda client: client.submit(target, payload, **options))

    def submit_many(self, submissions: Iterable[Submission]) -> list[Submitted]:
        """Submit jobs in bulk, see `Client.submit_many`; the iterable is used in this thread."""
        remaining, done = iter(submissions), list[Submitted]()
        while chunk := list(islice(remaining, CHUNK)):
            done += self._blocking.run(_submission_of(chunk))
        return done

    def get(self, job: str | Submitted | Job, *, timeout: float = GET_SECONDS) -> Job:
        """Return a job as its scheduler sees it, see `Client.get`."""
        return self._blocking.run(lambda client: client.get(job, timeout=timeout))

    def wait(self, job: str | Submitted | Job, *, timeout: float = WAIT_SECONDS) -> Job:
        """Wait for a job's end, good or bad, and return it, see `Client.wait`."""
        return self._blocking.run(lambda client: client.wait(job, timeout=timeout))

    @overload
    def result(
        self, job: str | Submitted | Job, returns: type[T], *, timeout: float = ...
    ) -> T: ...

    @overload
    def result(
        self,
        job: str | Submitted | Job,
        returns: Callable[..., Coroutine[Any, Any, T]],
        *,
        timeout: float = ...,
    ) -> T: ...

    @overload
    def result(
        self, job: str | Submitted | Job, returns: Callable[..., T], *, timeout: float = ...
    ) -> T: ...

    def result(
        self, job: str | Submitted | Job, returns: Any, *, timeout: float = WAIT_SECONDS
    ) -> Any:
        """Wait for a job's good end and return what its handler returned, see `Client.result`."""
        return self._blocking.run(lambda client: client.result(job, returns, timeout=timeout))

    def jobs(
        self,
        *,
        status: Status | None = None,
        type: str | None = None,  # noqa: A002 - as everywhere else
        queue: str | None = None,
        tenant: str | None = None,
        timeout: float = GET_SECONDS,
    ) -> Iterator[Job]:
        """Yield all jobs of a kind, see `Client.jobs`."""

        async def begin(client: Client) -> AsyncIterator[Job]:
            return client.jobs(
                status=status, type=type, queue=queue, tenant=tenant, timeout=timeout
            )

        async def following(_: Client) -> Job | None:
            return await anext(found, None)

        found = self._blocking.run(begin)
        while (job := self._blocking.run(following)) is not None:
            yield job

    def cancel(
        self, job: str | Submitted | Job, *, reason: str = "", timeout: float = GET_SECONDS
    ) -> Job:
        """Ask that a job does not run, or stops, see `Client.cancel`."""
        return self._blocking.run(lambda client: client.cancel(job, reason=reason, timeout=timeout))


def _submission_of(
    chunk: list[Submission],
) -> Callable[[Client], Coroutine[Any, Any, list[Submitted]]]:
    return lambda client: client.submit_many(chunk)


async def _opened(make: Callable[[], C_co]) -> C_co:
    """Make the client in its event loop, and connect it."""
    return await make().__aenter__()


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

_LEFT: Final[list[tuple[LoopThread, Client]]] = []
"""Connections of the process that this one was forked from: if they ended here, they would complain."""


@atexit.register
def _close_all() -> None:
    for blocking in list(_ALL):
        blocking.close()


def _forget_all() -> None:
    for blocking in list(_ALL):
        blocking.forget()


os.register_at_fork(after_in_child=_forget_all)
