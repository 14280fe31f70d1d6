"""The client for programs without an event loop: scripts, Django, Flask, Celery tasks on their way out."""

from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Iterator
from itertools import islice
from types import TracebackType
from typing import Any, Final, Self, TypeVar, Unpack, overload

from pydantic import BaseModel

from joblog.client.blocking import Blocking, Caller
from joblog.client.client import GET_SECONDS, WAIT_SECONDS, Client
from joblog.client.job import Job, Submitted
from joblog.client.payloads import Payload, Target
from joblog.client.submissions import Options, Submission
from joblog.lifecycle.states import Status
from joblog.streams.settings import Settings

CHUNK: Final = 5_000
"""Submissions that are taken from the caller's iterable at a time, in the caller's thread."""

T = TypeVar("T")


class SyncClient:
    """Submits jobs and asks about them, and waits for each answer; see `Client` for what each method does.

    It may be made at the top of a module and used in any thread: it connects at its first call, and anew in a
    process that was forked since. In a coroutine use `Client`.

    Args:
        settings: where Kafka is, and which log. Defaults to those of the environment.
        name: who submits and asks, where a call does not say it. Defaults to `<host>/<process id>`.
    """

    def __init__(self, settings: Settings | None = None, *, name: str | None = None) -> None:
        self._blocking: Caller = Blocking(lambda: Client(settings, name=name))

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
