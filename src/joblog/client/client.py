"""The client: submits jobs, and asks about them."""

import asyncio
from collections.abc import (
    AsyncGenerator,
    Callable,
    Coroutine,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from itertools import islice
from types import TracebackType
from typing import Any, Final, Self, TypeVar, Unpack, overload

from pydantic import BaseModel

from joblog.client.author import author
from joblog.client.connection import Ports
from joblog.client.errors import JobNotSucceededError
from joblog.client.ids import Uuid7
from joblog.client.job import Job, Submitted, reason_of
from joblog.client.payload_schemas import PayloadSchemas
from joblog.client.payloads import Payload, Target, order_of
from joblog.client.records import Records
from joblog.client.results import result_of, returned_by, validated
from joblog.client.submissions import Options, Submission, Submissions
from joblog.lifecycle.states import Status
from joblog.processors.scheduler.pages import Wanted
from joblog.schemas.avro_schema import AvroSchema
from joblog.schemas.models import TypeAnnounced
from joblog.streams.records import Outbound
from joblog.streams.settings import Settings
from joblog.streams.topics import TopicMap

CHUNK: Final = 500
"""Submissions that are sent together in bulk."""

GET_SECONDS: Final = 10.0
WAIT_SECONDS: Final = 60.0

T = TypeVar("T")


class Client:
    """Submits jobs and asks about them, from one event loop. Use it as an async context manager.

    Args:
        settings: where Kafka is, and which log. Defaults to those of the environment.
        name: who submits and asks, where a call does not say it. Defaults to `<host>/<process id>`.
        ports: what it works with. Defaults to a connection to Kafka, the machine's clock and its randomness.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        name: str | None = None,
        ports: Ports | None = None,
    ) -> None:
        settings = settings or Settings()
        ports = ports or Ports.of(settings)
        self._name = name or author()
        self._limits = settings.limits
        self._partitions = settings.partitions
        self._connection = ports.connection
        new_id = Uuid7(ports.now_ms, ports.randomness)
        self._submissions = Submissions(new_id, ports.now_ms, self._name, settings.partitions)
        self._records = Records(TopicMap.of(settings), new_id, ports.now_ms)
        self._schemas = PayloadSchemas(self._connection.schemas, self._publish_schemas)

    async def __aenter__(self) -> Self:
        """Connect.

        Raises:
            KafkaUnavailableError: no broker answers, or none lets this client in.
            TopicMissingError: a topic does not exist.
            TopicMismatchError: a topic has other partitions than the settings say.
        """
        await self._connection.open()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Disconnect, once all that was sent is acknowledged.

        Calls of other tasks that wait for an answer raise ClientClosedError.
        """
        await self._connection.close()

    async def submit(
        self, target: Target, payload: BaseModel | Payload, **options: Unpack[Options]
    ) -> Submitted:
        """Submit a job. When it returns, Kafka has acknowledged it and it cannot be lost.

        Args:
            target: the job type, or its handler.
            payload: the handler's argument.
            options: what else there is to say, see `Options`.

        Raises:
            SubmissionRefusedError: an argument breaks its rule; nothing was sent.
            PayloadTypeError: the payload's model has no Avro schema; nothing was sent.
            ConflictingSchemaError: that schema cannot be told from an announced one; nothing was sent.
            PayloadRejectedError: a value does not fit that schema; nothing was sent.
            RecordTooLargeError: the job is larger than the log allows; nothing was sent.
            KafkaUnavailableError: no broker answers; nothing was sent.
            ClientClosedError: the client is closed, and nothing was sent.
            UnconfirmedError: it was not acknowledged, and may be in the log or not.
        """
        (submitted,) = await self.submit_many([Submission(target, payload, **options)])
        return submitted

    async def submit_many(self, submissions: Iterable[Submission]) -> list[Submitted]:
        """Submit jobs in bulk, in their order, however many; one may take them from a generator.

        When it returns, Kafka has acknowledged all of them. When it raises, those before the one that is
        at fault may be in the log; with idempotency keys one can submit all of them again.

        Raises:
            SubmissionRefusedError: an argument breaks its rule.
            PayloadTypeError: a payload's model has no Avro schema.
            ConflictingSchemaError: such a schema cannot be told from an announced one.
            PayloadRejectedError: a value does not fit that schema.
            RecordTooLargeError: a job is larger than the log allows.
            KafkaUnavailableError: no broker answers.
            ClientClosedError: the client was closed meanwhile.
            UnconfirmedError: not all were acknowledged.
        """
        done: list[Submitted] = []
        sending: asyncio.Task[list[Submitted]] | None = None
        try:
            for chunk in _chunks(submissions):
                prepared = await self._prepare(chunk)
                if sending is not None:
                    done += await sending
                sending = asyncio.create_task(self._send(prepared))
                await asyncio.sleep(0)  # it goes out while the next chunk is encoded
        finally:
            if sending is not None:
                done += await sending
        return done

    async def get(self, job: str | Submitted | Job, *, timeout: float = GET_SECONDS) -> Job:
        """Return a job as its scheduler sees it.

        What `submit` or `get` returned gives an answer that is no older than that. An id alone gives what the
        scheduler knows now; if that is nothing, it is asked again once it has read all that is there.

        Args:
            job: the job.
            timeout: seconds until somebody has to have answered; 0 asks once. A last answer may take half a
                second more. Defaults to 10.

        Raises:
            JobNotFoundError: there is none of that id.
            SchedulerUnavailableError: nobody could say in time.
            KafkaUnavailableError: Kafka, which knows whom to ask, cannot be read.
            ClientClosedError: the client was closed before the answer came.
        """
        return await self._connection.get(job, timeout)

    async def wait(self, job: str | Submitted | Job, *, timeout: float = WAIT_SECONDS) -> Job:
        """Wait for a job's end, good or bad, and return it.

        Args:
            job: the job.
            timeout: seconds to wait at most; 0 asks once. A last answer may take half a second more.
                Defaults to 60.

        Raises:
            JobNotFoundError: there is none of that id.
            JobTimeoutError: it was not at its end in time.
            SchedulerUnavailableError: no scheduler has announced itself in time.
            KafkaUnavailableError: Kafka, which knows whom to ask, cannot be read.
            ClientClosedError: the client was closed before the answer came.
        """
        return await self._connection.wait(job, timeout)

    @overload
    async def result(
        self, job: str | Submitted | Job, returns: type[T], *, timeout: float = ...
    ) -> T: ...

    @overload
    async def result(
        self,
        job: str | Submitted | Job,
        returns: Callable[..., Coroutine[Any, Any, T]],
        *,
        timeout: float = ...,
    ) -> T: ...

    @overload
    async def result(
        self, job: str | Submitted | Job, returns: Callable[..., T], *, timeout: float = ...
    ) -> T: ...

    async def result(
        self,
        job: str | Submitted | Job,
        returns: Any,
        *,
        timeout: float = WAIT_SECONDS,
    ) -> Any:
        """Wait for a job's good end and return what its handler returned.

        Args:
            job: the job.
            returns: its handler; or the type that it returns, a model or any other, `type(None)` for nothing.
            timeout: seconds to wait at most, as for `wait`. Defaults to 60.

        Raises:
            JobNotSucceededError: it came to another end.
            JobNotFoundError: there is none of that id.
            JobTimeoutError: it was not at its end in time.
            SchedulerUnavailableError: no scheduler has announced itself in time.
            KafkaUnavailableError: Kafka, which knows whom to ask, cannot be read.
            ClientClosedError: the client was closed before the answer came.
            ResultUnreadableError: it returned something else, or its schema was not announced.
        """
        ended = (
            job if isinstance(job, Job) and job.has_ended else await self.wait(job, timeout=timeout)
        )
        if ended.status != Status.SUCCEEDED:
            raise JobNotSucceededError(ended.job_id, ended.status, reason_of(ended))
        fingerprint = ended.result_schema
        schemas = {} if fingerprint is None else await self._schemas.having(fingerprint)
        return validated(ended, result_of(ended, schemas), returned_by(returns))

    async def cancel(
        self, job: str | Submitted | Job, *, reason: str = "", timeout: float = GET_SECONDS
    ) -> Job:
        """Ask that a job does not run, or stops, and return it as of the request.

        Before it is dispatched it is cancelled at once. Later `cancel_requested` says that its worker has
        been told; it may still end otherwise.

        Args:
            job: the job.
            reason: why; it is kept with the job.
            timeout: seconds until somebody has to have answered. Defaults to 10.

        Raises:
            JobNotFoundError: there is none of that id.
            SchedulerUnavailableError: nobody could say in time.
            KafkaUnavailableError: Kafka cannot be read, or no broker answers.
            ClientClosedError: the client was closed before the answer came.
            RecordTooLargeError: the reason is larger than a record may be; nothing was sent.
            UnconfirmedError: the request was not acknowledged.
        """
        found = await self.get(job, timeout=timeout)
        request = self._records.cancel_request(found.job_id, found.generation, self._name, reason)
        (position,) = await self._connection.send([request])
        return await self.get(Submitted(found.job_id, *position), timeout=timeout)

    async def jobs(
        self,
        *,
        status: Status | None = None,
        type: str | None = None,  # noqa: A002 - as everywhere else
        queue: str | None = None,
        tenant: str | None = None,
        timeout: float = GET_SECONDS,
    ) -> AsyncGenerator[Job, None]:
        """Yield all jobs of a kind as their schedulers see them, by partition, then by id, which is by age.

        Schedulers look at every row for that, page by page, whatever is looked for: some seconds for a
        million. What changes meanwhile may be seen as it was or as it is.

        Args:
            status: only those in this state.
            type: only those of this type.
            queue: only those in this queue.
            tenant: only those of this tenant.
            timeout: seconds until somebody has to have answered about a page. Defaults to 10.

        Raises:
            SchedulerUnavailableError: nobody could say in time.
            KafkaUnavailableError: Kafka, which knows whom to ask, cannot be read.
            ClientClosedError: the client was closed before the answer came.
        """
        wanted = Wanted(status, type, queue, tenant)
        for partition in range(self._partitions):
            behind: str | None = ""
            while behind is not None:
                page, behind = await self._connection.page(partition, wanted, behind, timeout)
                for job in page:
                    yield job

    @property
    def declared_types(self) -> Mapping[str, TypeAnnounced]:
        """The job types that workers have declared so far, by name."""
        return self._connection.types

    async def announced_schemas(self) -> Mapping[bytes, AvroSchema]:
        """Return the schemas that were announced so far, by fingerprint.

        Raises:
            KafkaUnavailableError: no broker answers.
            ClientClosedError: the client was closed before the answer came.
        """
        return await self._schemas.refreshed()

    async def _prepare(self, chunk: list[Submission]) -> list[Outbound]:
        """Encode submissions, and publish the schemas of their payloads before their first use."""
        limits = self._connection.limits or self._limits
        orders = [order_of(submission.target, submission.payload) for submission in chunk]
        await self._schemas.announce(order.payload.schema for order in orders)
        return [
            self._records.submission(
                self._submissions.event(order, submission.options),
                submission.options.get("traceparent"),
                limits.max_submission_bytes,
            )
            for submission, order in zip(chunk, orders, strict=True)
        ]

    async def _publish_schemas(self, schemas: Sequence[AvroSchema]) -> None:
        await self._connection.send([self._records.schema(schema) for schema in schemas])

    async def _send(self, records: list[Outbound]) -> list[Submitted]:
        positions = await self._connection.send(records)
        return [
            Submitted((record.key or b"").decode(), position.partition, position.offset)
            for record, position in zip(records, positions, strict=True)
        ]


def _chunks(submissions: Iterable[Submission]) -> Iterator[list[Submission]]:
    remaining = iter(submissions)
    while chunk := list(islice(remaining, CHUNK)):
        yield chunk
