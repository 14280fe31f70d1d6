"""The client of a joblog in memory, for tests without an event loop."""

from datetime import datetime, timedelta

from joblog.client.blocking import Blocking
from joblog.client.job import Job, Submitted
from joblog.client.sync import SyncClient
from joblog.processors.worker.registry import HANDLERS, Registry
from joblog.schemas.models import Event, JobDeadLettered
from joblog.streams.settings import Settings
from joblog.testing.client import MemoryClient


class SyncMemoryClient(SyncClient):
    """A `SyncClient` whose joblog is in memory; see `MemoryClient`.

    Args:
        handlers: the handlers. Defaults to all that `@job` has declared in what is imported.
        settings: lanes, limits, partitions. Defaults to those of the environment, with the handlers' lanes.
        start: the time at which the clock stands at first. Defaults to 2026-01-01T00:00:00Z.
    """

    def __init__(
        self,
        handlers: Registry = HANDLERS,
        *,
        settings: Settings | None = None,
        start: datetime | None = None,
    ) -> None:
        self._memory = Blocking(lambda: MemoryClient(handlers, settings=settings, start=start))
        self._blocking = self._memory

    @property
    def now(self) -> datetime:
        """The time of the virtual clock, in UTC."""

        async def now(client: MemoryClient) -> datetime:
            return client.now

        return self._memory.run(now)

    def run(self) -> None:
        """Let happen all that can happen now, see `MemoryClient.run`."""
        self._memory.run(lambda client: client.run())

    def advance(self, by: timedelta) -> None:
        """Let time pass, see `MemoryClient.advance`."""
        self._memory.run(lambda client: client.advance(by))

    def redrive(self, job: str | Submitted | Job) -> Job:
        """Give a job that is at its end another generation, see `MemoryClient.redrive`."""
        return self._memory.run(lambda client: client.redrive(job))

    def events(self, job: str | Submitted | Job) -> list[Event]:
        """Return all that the log says about a job, see `MemoryClient.events`."""
        return self._memory.run(lambda client: client.events(job))

    def dead_letters(self) -> list[JobDeadLettered]:
        """Return all dead letters of jobs."""
        return self._memory.run(lambda client: client.dead_letters())
