"""Submits the jobs of lines in bulk, and knows which line each of them is."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

from joblog.cli.bulk.errors import LineRefusedError, LinesUnconfirmedError
from joblog.cli.bulk.rows import Job, Refused
from joblog.client import Client, Options, Submission, Submitted
from joblog.client.client import CHUNK
from joblog.client.errors import SubmissionRefusedError, UnconfirmedError
from joblog.streams.errors import RecordTooLargeError

_REFUSALS = (SubmissionRefusedError, RecordTooLargeError)


class BulkSubmission:
    """Submits rows in their order; while some are on their way the next are read.

    Args:
        client: submits.
        type_: the job type.
        options: what all jobs have in common.
        show: is given the jobs that are submitted.
        skip: is given the lines that are refused. None: the first of them ends it.

    Attributes:
        submitted: jobs submitted so far.
    """

    def __init__(
        self,
        client: Client,
        type_: str,
        options: Options,
        show: Callable[[Sequence[Submitted]], None],
        skip: Callable[[Refused], None] | None = None,
    ) -> None:
        self._client = client
        self._type = type_
        self._options = options
        self._show = show
        self._skip = skip
        self._stopped_at: Refused | None = None
        self.submitted = 0

    async def run(self, rows: Iterable[Job | Refused]) -> None:
        """Submit all rows; when it returns, Kafka has acknowledged all jobs.

        Raises:
            LineRefusedError: a line is no job and is not to be skipped; those before it are submitted.
            LinesUnconfirmedError: some were not acknowledged.
            KafkaUnavailableError: no broker answers.
        """
        sending: asyncio.Task[None] | None = None
        jobs = self._jobs(rows)
        try:
            while chunk := list(islice(jobs, CHUNK)):
                if sending is not None:
                    await sending
                sending = asyncio.create_task(self._submit(chunk))
                await asyncio.sleep(0)  # it goes out while the next lines are read
        finally:
            if sending is not None:
                await sending
        if self._stopped_at is not None:
            raise self._refused(self._stopped_at, self._stopped_at.reason)

    def _jobs(self, rows: Iterable[Job | Refused]) -> Iterator[Job]:
        for row in rows:
            if isinstance(row, Job):
                yield row
            elif self._skip is not None:
                self._skip(row)
            else:
                self._stopped_at = row
                return

    async def _submit(self, jobs: Sequence[Job]) -> None:
        try:
            self._account(await self._client.submit_many(map(self._submission, jobs)))
        except _REFUSALS:  # so few are all encoded before one is sent: none of them was
            await self._submit_singly(jobs)
        except UnconfirmedError as error:
            raise self._unconfirmed(jobs, error) from error

    async def _submit_singly(self, jobs: Sequence[Job]) -> None:
        for job in jobs:
            try:
                self._account(await self._client.submit_many([self._submission(job)]))
            except _REFUSALS as error:
                if self._skip is None:
                    raise self._refused(job, str(error)) from error
                self._skip(Refused(job.line, job.last, str(error), job.row))
            except UnconfirmedError as error:
                raise self._unconfirmed([job], error) from error

    def _submission(self, job: Job) -> Submission:
        options = self._options
        if job.key is not None:
            options = Options(**{**options, "idempotency_key": job.key})
        return Submission(self._type, job.payload, **options)

    def _account(self, submitted: Sequence[Submitted]) -> None:
        self.submitted += len(submitted)
        self._show(submitted)

    def _refused(self, row: Job | Refused, reason: str) -> LineRefusedError:
        return LineRefusedError(row.line, row.last, reason, self.submitted)

    def _unconfirmed(self, jobs: Sequence[Job], error: UnconfirmedError) -> LinesUnconfirmedError:
        return LinesUnconfirmedError(jobs[0].line, jobs[-1].last, self.submitted, error.reason)
