"""Asks the scheduler that owns a job's partition, wherever it is just now."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from aiohttp import ClientError, ClientSession, ClientTimeout

from joblog.client.announced import Announced
from joblog.client.errors import JobNotFoundError, JobTimeoutError, SchedulerUnavailableError
from joblog.client.job import Job, Submitted
from joblog.client.request import Deadline, Question, Request
from joblog.lifecycle.partitioner import partition_of
from joblog.processors.scheduler.pages import Wanted

FIRST_PAUSE: Final = 0.05
LONGEST_PAUSE: Final = 1.0
LONGEST_WAIT: Final = 5.0
"""Seconds that one request waits for a job's end; a scheduler that hangs is noticed after them."""
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
        """Return a job as of now, or as of what is known of it, within `timeout` seconds.

        Its scheduler is asked once at least.

        Raises:
            JobNotFoundError: there is none of that id.
            SchedulerUnavailableError: nobody could say in time.
            KafkaUnavailableError: Kafka cannot be read.
        """
        return await self._get(job, Deadline.after(timeout))

    async def wait(self, job: str | Submitted | Job, timeout: float) -> Job:
        """Return a job at its end, by `timeout` seconds.

        Raises:
            JobNotFoundError: there is none of that id.
            JobTimeoutError: it was not at its end in time.
            SchedulerUnavailableError: no scheduler has announced itself in time.
            KafkaUnavailableError: Kafka cannot be read.
        """
        job_id, after = _id_and_offset(job)
        deadline = Deadline.after(timeout)
        found: Job | None = None
        try:
            found = await self._get(job, deadline)
            while not found.has_ended:
                if not deadline.left:
                    raise JobTimeoutError(job_id, timeout, found.status)
                found = await self._job(job_id, after, LONGEST_WAIT, deadline) or found
        except SchedulerUnavailableError as error:
            if self._announced.owners.get(error.partition) is None:
                raise
            raise JobTimeoutError(
                job_id, timeout, None if found is None else found.status
            ) from error
        return found

    async def page(
        self, partition: int, wanted: Wanted, behind: str, timeout: float
    ) -> tuple[list[Job], str | None]:
        """Return some jobs of a partition, and behind which id the next page begins, None at the end.

        Raises:
            SchedulerUnavailableError: nobody could say in time.
            KafkaUnavailableError: Kafka cannot be read.
        """
        query = wanted.query | {"partition": str(partition), "behind": behind}
        answer = await self._ask(Question(partition, "/v1/jobs", query), Deadline.after(timeout))
        found = [job_of(job, answer["partition"], answer["offset"]) for job in answer["jobs"]]
        return found, answer["behind"]

    async def _get(self, job: str | Submitted | Job, deadline: Deadline) -> Job:
        job_id, after = _id_and_offset(job)
        found = await self._job(job_id, after, 0.0, deadline)
        if found is None and after < 0:  # its submission may be there and not be folded yet
            end = await self._end_of(partition_of(job_id.encode(), self._partitions))
            found = await self._job(job_id, end - 1, 0.0, deadline)
        if found is None:
            raise JobNotFoundError(job_id)
        return found

    async def _job(self, job_id: str, after: int, wait: float, deadline: Deadline) -> Job | None:
        partition = partition_of(job_id.encode(), self._partitions)
        query = {"id": job_id, "after": str(after)}
        answer = await self._ask(Question(partition, "/v1/job", query, after, wait), deadline)
        job = answer["job"]
        return None if job is None else job_of(job, answer["partition"], answer["offset"])

    async def _ask(self, question: Question, deadline: Deadline) -> dict[str, Any]:
        """Ask owner after owner until one answers that has folded what it has to have folded."""
        pause, reason = FIRST_PAUSE, "none has announced itself"
        while True:
            owner = self._announced.owners.get(question.partition)
            if owner is not None:
                answer, reason = await self._request(Request.by(deadline, owner.url, question))
                if answer is not None and answer["offset"] >= question.after:
                    return answer
            await self._announced.news(min(pause, deadline.left))
            pause = min(2 * pause, LONGEST_PAUSE)
            if not deadline.left:
                raise SchedulerUnavailableError(question.partition, deadline.timeout, reason)

    async def _request(self, asked: Request) -> tuple[dict[str, Any] | None, str]:
        """Return an answer, or None and why there is none."""
        url = asked.url.rpartition("/v1/")[0]
        try:
            async with self._session.get(
                asked.url, params=asked.query, timeout=ClientTimeout(total=asked.seconds)
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


def job_of(answer: Mapping[str, Any], partition: int, offset: int) -> Job:
    """Return the job that a scheduler describes, as of an offset of its partition."""
    return Job.model_validate({**answer, "partition": partition, "offset": offset})


def _id_and_offset(job: str | Submitted | Job) -> tuple[str, int]:
    return (job, -1) if isinstance(job, str) else (job.job_id, job.offset)
