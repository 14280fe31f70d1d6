"""The client: submits jobs, and asks about them."""

import asyncio
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from functools import partial
from itertools import islice
from types import TracebackType
from typing import Final, Self, TypeVar, Unpack

from aiohttp import ClientSession
from aiokafka import TopicPartition
from pydantic import BaseModel

from joblog.client.announced import Announced
from joblog.client.author import author
from joblog.client.ids import Uuid7
from joblog.client.job import Job, Submitted
from joblog.client.payload_schemas import PayloadSchemas
from joblog.client.payloads import Payload, Target, order_of
from joblog.client.questions import Questions
from joblog.client.records import Records
from joblog.client.results import result_of, validated
from joblog.client.schemas import announced_schemas
from joblog.client.sender import Sender
from joblog.client.submissions import Options, Submission, Submissions
from joblog.schemas.avro_schema import AvroSchema
from joblog.schemas.models import TypeAnnounced
from joblog.streams.kafka import check_topics
from joblog.streams.kafka.log_reader import LogReader
from joblog.streams.machine_clock import now_ms
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
    """

    def __init__(self, settings: Settings | None = None, *, name: str | None = None) -> None:
        self._settings = settings or Settings()
        self._name = name or author()
        new_id = Uuid7(now_ms, os.urandom)
        self._submissions = Submissions(new_id, now_ms, self._name)
        self._topics = TopicMap.of(self._settings)
        self._records = Records(self._topics, new_id, now_ms)
        self._announced = Announced(self._settings)
        self._sender = Sender(self._settings)
        self._schemas = PayloadSchemas(
            partial(announced_schemas, self._settings), self._publish_schemas
        )
        self._questions: Questions | None = None
        self._open = AsyncExitStack()

    async def __aenter__(self) -> Self:
        """Connect.

        Raises:
            KafkaUnavailableError: no broker answers, or none lets this client in.
            TopicMissingError: a topic does not exist.
            TopicMismatchError: a topic has other partitions than the settings say.
        """
        await check_topics(self._settings)
        async with AsyncExitStack() as stack:
            session = await stack.enter_async_context(ClientSession())
            stack.push_async_callback(self._announced.stop)
            await self._announced.start()
            stack.push_async_callback(self._sender.stop)
            self._questions = Questions(
                self._announced, session, self._settings.partitions, self._end_of
            )
            self._open = stack.pop_all()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Disconnect, once all that was sent is acknowledged."""
        await self._open.aclose()

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
                second more.

        Raises:
            JobNotFoundError: there is none of that id.
            SchedulerUnavailableError: nobody could say in time.
        """
        return await self._connected.get(job, timeout)

    async def wait(self, job: str | Submitted | Job, *, timeout: float = WAIT_SECONDS) -> Job:
        """Wait for a job's end, good or bad, and return it.

        Args:
            job: the job.
            timeout: seconds to wait at most; 0 asks once. A last answer may take half a second more.

        Raises:
            JobNotFoundError: there is none of that id.
            JobTimeoutError: it was not at its end in time.
            SchedulerUnavailableError: no scheduler has announced itself in time.
        """
        return await self._connected.wait(job, timeout)

    async def result(self, job: Job, type_: type[T]) -> T:
        """Return what a job's handler returned.

        Args:
            job: the job, as `wait` returned it.
            type_: what the handler returns: a model, or any other type; `type(None)` where it is nothing.

        Raises:
            ResultUnreadableError: it is something else, or its schema was not announced.
        """
        schemas = {} if job.result_schema is None else await self._schemas.having(job.result_schema)
        return validated(job, result_of(job, schemas), type_)

    async def cancel(
        self, job: str | Submitted | Job, *, reason: str = "", timeout: float = GET_SECONDS
    ) -> Job:
        """Ask that a job does not run, or stops, and return it as of the request.

        Before it is dispatched it is cancelled at once. Later `cancel_requested` says that its worker has
        been told; it may still end otherwise.

        Args:
            job: the job.
            reason: why; it is kept with the job.
            timeout: seconds until somebody has to have answered.

        Raises:
            JobNotFoundError: there is none of that id.
            SchedulerUnavailableError: nobody could say in time.
            UnconfirmedError: the request was not acknowledged.
        """
        found = await self.get(job, timeout=timeout)
        request = self._records.cancel_request(found.job_id, found.generation, self._name, reason)
        (position,) = await self._sender.send([request])
        return await self.get(Submitted(found.job_id, *position), timeout=timeout)

    @property
    def declared_types(self) -> Mapping[str, TypeAnnounced]:
        """The job types that workers have declared so far, by name."""
        return self._announced.types

    async def announced_schemas(self) -> Mapping[bytes, AvroSchema]:
        """Return the schemas that were announced so far, by fingerprint.

        Raises:
            KafkaUnavailableError: no broker answers.
        """
        return await self._schemas.refreshed()

    @property
    def _connected(self) -> Questions:
        if self._questions is None:
            raise RuntimeError("the client is not connected: use it as an async context manager")
        return self._questions

    async def _prepare(self, chunk: list[Submission]) -> list[Outbound]:
        """Encode submissions, and publish the schemas of their payloads before their first use."""
        limits = self._announced.limits or self._settings.limits
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
        await self._sender.send([self._records.schema(schema) for schema in schemas])

    async def _end_of(self, partition: int) -> int:
        at = TopicPartition(self._topics.events.name, partition)
        async with LogReader(self._settings) as reader:
            return (await reader.ends([at]))[at]

    async def _send(self, records: list[Outbound]) -> list[Submitted]:
        positions = await self._sender.send(records)
        return [
            Submitted((record.key or b"").decode(), position.partition, position.offset)
            for record, position in zip(records, positions, strict=True)
        ]


def _chunks(submissions: Iterable[Submission]) -> Iterator[list[Submission]]:
    remaining = iter(submissions)
    while chunk := list(islice(remaining, CHUNK)):
        yield chunk
