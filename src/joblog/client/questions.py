"""Asks the scheduler that owns a job's partition, wherever it is just now."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, NamedTuple

from aiohttp import ClientError, ClientSession, ClientTimeout

from joblog.client.announced import Announced
from joblog.client.errors import JobNotFoundError, JobTimeoutError, SchedulerUnavailableError
from joblog.client.job import Job, Submitted
from joblog.lifecycle.partitioner import partition_of

FIRST_PAUSE: Final = 0.05
LONGEST_PAUSE: Final = 1.0
LONGEST_WAIT: Final = 5.0
"""Seconds that one request waits for a job's end; a scheduler that hangs is noticed after them."""
ANSWER_TIME: Final = 5.0
"""Seconds that an answer may take beyond the wait that was asked for."""
OK: Final = 200
MISDIRECTED: Final = 421


class Questions:
    """The read-only API of the schedulers, as one.

    Args:
        announced: knows the owner of each partition.
        session: makes the requests.
        partitions: partition count of the log.
        end_of: gives the offset after the last record of a partition.
    """

    def __init__(
        self,
        announced: Announced,
        session: ClientSession,
        partitions: int,
        end_of: Callable[[int], Awaitable[int]],
    ) -> None:
        self._announced = announced
        self._session = session
        self._partitions = partitions
        self._end_of = end_of

    async def get(self, job: str | Submitted | Job, timeout: float) -> Job:
        """Return a job as of now, or as of what is known of it, within `timeout` seconds for each answer.

        Raises:
            JobNotFoundError: there is none of that id.
            SchedulerUnavailableError: nobody could say in time.
        """
        job_id, after = _id_and_offset(job)
        found = await self._ask(job_id, after, 0.0, timeout)
        if found is None and after < 0:  # its submission may be there and not be folded yet
            end = await self._end_of(partition_of(job_id.encode(), self._partitions))
            found = await self._ask(job_id, end - 1, 0.0, timeout)
        if found is None:
            raise JobNotFoundError(job_id)
        return found

    async def wait(self, job: str | Submitted | Job, timeout: float) -> Job:
        """Return a job at its end, by `timeout` seconds.

        Raises:
            JobNotFoundError: there is none of that id.
            JobTimeoutError: it was not at its end in time.
            SchedulerUnavailableError: nobody could say in time.
        """
        job_id, after = _id_and_offset(job)
        clock = asyncio.get_running_loop().time
        give_up_at = clock() + timeout
        found = await self.get(job, timeout)
        while not found.has_ended:
            left = give_up_at - clock()
            if left <= 0:
                raise JobTimeoutError(job_id, timeout, found.status)
            wait = min(left, LONGEST_WAIT)
            found = await self._ask(job_id, after, wait, left + ANSWER_TIME) or found
        return found

    async def _ask(self, job_id: str, after: int, wait: float, timeout: float) -> Job | None:
        """Ask owner after owner until one answers that has folded the offset `after`."""
        partition = partition_of(job_id.encode(), self._partitions)
        clock = asyncio.get_running_loop().time
        give_up_at = clock() + timeout
        pause, reason = FIRST_PAUSE, "none has announced itself"
        while (left := give_up_at - clock()) > 0:
            owner = self._announced.owners.get(partition)
            if owner is not None:
                asked = _Request(owner.url, job_id, after, min(wait, left), min(left, ANSWER_TIME))
                answer, reason = await self._request(asked)
                if answer is not None and answer["offset"] >= after:
                    return _job_in(answer)
            await self._announced.news(min(pause, left))
            pause = min(2 * pause, LONGEST_PAUSE)
        raise SchedulerUnavailableError(partition, timeout, reason)

    async def _request(self, asked: "_Request") -> tuple[dict[str, Any] | None, str]:
        """Return an answer, or None and why there is none."""
        url = asked.url
        try:
            async with self._session.get(
                f"{url}/v1/job", params=asked.query, timeout=ClientTimeout(total=asked.seconds)
            ) as response:
                if response.status == OK:
                    answer: dict[str, Any] = await response.json()
                    return answer, f"{url} has folded offset {answer['offset']} so far"
                if response.status == MISDIRECTED:
                    return None, f"{url} has given the partition up"
                return None, f"{url} answers {response.status} {response.reason}"
        except TimeoutError:
            return None, f"{url} does not answer"
        except ClientError as error:
            return None, f"{url}: {error}"


class _Request(NamedTuple):
    url: str
    job_id: str
    after: int
    wait: float
    answer_time: float

    @property
    def query(self) -> dict[str, str]:
        return {"id": self.job_id, "after": str(self.after), "wait": f"{self.wait:.3f}"}

    @property
    def seconds(self) -> float:
        return self.wait + self.answer_time


def _id_and_offset(job: str | Submitted | Job) -> tuple[str, int]:
    return (job, -1) if isinstance(job, str) else (job.job_id, job.offset)


def _job_in(answer: Mapping[str, Any]) -> Job | None:
    job = answer["job"]
    if job is None:
        return None
    where = {"partition": answer["partition"], "offset": answer["offset"]}
    return Job.model_validate(job | where)
