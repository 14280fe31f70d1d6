"""A client's connection to a joblog in memory."""

from collections.abc import Mapping, Sequence
from typing import Final

from joblog.client.errors import JobNotFoundError, JobTimeoutError
from joblog.client.job import Job, Submitted
from joblog.client.questions import job_of
from joblog.client.schemas import FoundSchemas
from joblog.lifecycle.partitioner import partition_of
from joblog.processors.memory.joblog import MemoryJoblog
from joblog.processors.scheduler.answers import job_as_json
from joblog.processors.scheduler.pages import Wanted, page_of
from joblog.schemas.avro_schema import AvroSchema
from joblog.schemas.models import LimitsAnnounced, TypeAnnounced
from joblog.streams.records import Outbound, Position

MS: Final = 1_000


class MemoryConnection:
    """A Connection to a joblog in memory: to ask lets happen what can happen, to wait lets time pass.

    Args:
        memory: the joblog.
        types: the job types that are declared in it.
    """

    def __init__(self, memory: MemoryJoblog, types: Sequence[TypeAnnounced]) -> None:
        self._memory = memory
        self._types = {type_.type: type_ for type_ in types}

    @property
    def types(self) -> Mapping[str, TypeAnnounced]:
        """See `Connection`."""
        return self._types

    @property
    def limits(self) -> LimitsAnnounced | None:
        """See `Connection`."""
        return None

    async def open(self) -> None:
        """See `Connection`."""

    async def close(self) -> None:
        """See `Connection`."""

    async def schemas(self) -> Mapping[bytes, AvroSchema]:
        """See `Connection`."""
        found = FoundSchemas()
        records = self._memory.log.read(self._memory.topics.schemas.name, 0)
        found.learn(record.value for record in records)
        return found.schemas

    async def send(self, records: Sequence[Outbound]) -> Sequence[Position]:
        """See `Connection`."""
        return await self._memory.publisher.publish(records)

    async def get(self, job: str | Submitted | Job, timeout: float) -> Job:
        """See `Connection`; nothing is waited for."""
        del timeout
        await self._memory.run_until_idle()
        job_id = job if isinstance(job, str) else job.job_id
        row = self._memory.row(job_id)
        if row is None:
            raise JobNotFoundError(job_id)
        partition = partition_of(job_id.encode(), self._memory.topics.events.partitions)
        fold = self._memory.fold(partition)
        return job_of(job_as_json(row, fold.waits_for(row)), partition, fold.offset)

    async def page(
        self, partition: int, wanted: Wanted, behind: str, timeout: float
    ) -> tuple[list[Job], str | None]:
        """See `Connection`; nothing is waited for."""
        del timeout
        await self._memory.run_until_idle()
        page = await page_of(self._memory.fold(partition), wanted, behind)
        return [job_of(job, partition, page.offset) for job in page.jobs], page.behind

    async def wait(self, job: str | Submitted | Job, timeout: float) -> Job:
        """See `Connection`; the time is that of the virtual clock."""
        clock = self._memory.clock
        until = clock() + round(timeout * MS)
        while not (found := await self.get(job, timeout)).has_ended:
            due = self._memory.next_at()
            if due is None or due > until:
                await self._memory.advance(until - clock())
                raise JobTimeoutError(found.job_id, timeout, found.status)
            await self._memory.advance(max(0, due - clock()))
        return found
