"""A joblog in memory, under a virtual clock."""

from collections.abc import Callable, Sequence
from typing import Self

from joblog.lifecycle.partition.view import StateView
from joblog.processors.memory.joblog import MemoryJoblog
from joblog.schemas.state import JobRow
from joblog.streams.errors import RecordTooLargeError
from joblog.streams.records import Inbound, Outbound, Position
from joblog.streams.settings import Settings
from tests.conformance.joblog import Headers, Joblog, RefusedError


class JoblogInMemory(Joblog):
    """Everything happens at once, and time passes only where something waits for it."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._memory = MemoryJoblog(settings)

    async def __aenter__(self) -> Self:
        await self._memory.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._memory.__aexit__(None, None, None)

    def now(self) -> int:
        return self._memory.clock()

    async def write(self, records: Sequence[Outbound]) -> Sequence[Position]:
        return await self._memory.publisher.publish(records)

    async def write_foreign(
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        partition: int | None = None,
        headers: Headers = (),
    ) -> Position:
        try:
            return self._memory.log.append(topic, key, value, headers, partition)
        except RecordTooLargeError as error:
            raise RefusedError from error

    def read(self, topic: str, partition: int) -> list[Inbound]:
        return self._memory.log.read(topic, partition)

    def row(self, job_id: str) -> JobRow | None:
        return self._memory.row(job_id)

    def committed(self, partition: int) -> StateView:
        return self._memory.committed(partition)

    async def until(self, holds: Callable[[], object]) -> None:
        await self.settle()
        while not holds():
            moment = self._memory.next_at()
            assert moment is not None, "it does not hold, and nothing more will happen"
            await self._memory.advance(moment - self.now())

    async def settle(self) -> None:
        await self._memory.run_until_idle()

    async def restart(self) -> None:
        await self._memory.restart_scheduler()

    async def crash(self) -> None:
        await self._memory.crash_scheduler()

    async def finish(self) -> None:
        await self.settle()
        await self._memory.restart_scheduler()
