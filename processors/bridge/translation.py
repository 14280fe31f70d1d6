"""From a submission in Confluent framing to one of the log: the same event in single-object encoding."""

from collections.abc import Awaitable, Callable

from joblog.lifecycle.decisions import Refusal
from joblog.lifecycle.partitioner import partition_of
from joblog.lifecycle.reasons import Reason
from joblog.processors.bridge.errors import RefusedError
from joblog.processors.bridge.patience import Look
from joblog.schemas.avro_schema import AvroSchema
from joblog.schemas.codec import Codec
from joblog.schemas.errors import ConflictingSchemaError, UndecodableError
from joblog.schemas.framing import frame
from joblog.schemas.models import Event, JobSubmitted, SchemaAnnounced
from joblog.schemas.models.jobs import AVRO
from joblog.streams.errors import RecordTooLargeError
from joblog.streams.record_checks import size_of
from joblog.streams.records import Inbound, Outbound
from joblog.streams.registry.errors import (
    NotConfluentFramedError,
    RegistryRefusedError,
    UnusableSchemaError,
)
from joblog.streams.registry.wire_format import ConfluentFrame, confluent_frame
from joblog.streams.topics import TopicMap

Announce = Callable[[AvroSchema], Awaitable[None]]
"""Announces a payload's schema in the log, and returns once that is acknowledged."""


class Translator:
    """Translates records of the topic of submissions.

    Args:
        topics: the topics.
        look: finds schemas in the registry.
        announce: announces schemas of payloads.
    """

    def __init__(self, topics: TopicMap, look: Look, announce: Announce) -> None:
        self._topics = topics
        self._look = look
        self._announce = announce
        self._codec = Codec()
        self._learned: dict[bytes, AvroSchema] = {}

    async def translated(self, record: Inbound) -> Outbound:
        """Return the record for the events topic; the schema of its payload is announced by then.

        Key and headers stay as they are: a wrong key is for the log to refuse.

        Raises:
            RefusedError: the record cannot be passed on.
            RegistryUnavailableError: the registry does not answer.
            RegistryRefusedError: what answers is no registry.
            PublishError: the announcement was not acknowledged.
        """
        event = await self._submission(record)
        if event.payload_content_type == AVRO:
            event = await self._with_plain_payload(event)
        partition = partition_of(event.key, self._topics.partitions)
        value, topic = self._codec.encode(event), self._topics.events
        outbound = Outbound(topic.name, partition, record.key, value, [*record.headers])
        size = size_of(outbound)
        if size > topic.max_record_bytes:
            detail = (
                f"{size} bytes are too many for {topic.name}, which takes {topic.max_record_bytes}: put the "
                "data elsewhere, and submit where it is"
            )
            raise RefusedError(Refusal(Reason.TOO_LARGE, detail), event)
        return outbound

    async def _submission(self, record: Inbound) -> JobSubmitted:
        framed, schema = await self._read(record.value or b"")
        event = self._decoded(schema, framed.body)
        if isinstance(event, JobSubmitted):
            return event
        detail = (
            f"{type(event).__name__} may not stand on {record.topic}: write only JobSubmitted to it"
        )
        raise RefusedError(Refusal(Reason.ILLEGAL, detail), event)

    def _decoded(self, schema: AvroSchema, body: bytes) -> Event:
        try:
            if self._learned.get(schema.fingerprint) is not schema:
                self._codec.learn(SchemaAnnounced.of(schema, 0))
                self._learned[schema.fingerprint] = schema
            return self._codec.decode(frame(schema.fingerprint, body))
        except ConflictingSchemaError as error:
            raise RefusedError(Refusal(Reason.POISON, str(error))) from error
        except UndecodableError as error:
            detail = (
                f"no JobSubmitted: {error.detail}; write it with a schema of joblog.schemas.avro"
            )
            raise RefusedError(Refusal(Reason.POISON, detail)) from error

    async def _with_plain_payload(self, event: JobSubmitted) -> JobSubmitted:
        framed, schema = await self._read(event.payload, event)
        try:
            await self._announce(schema)
        except ConflictingSchemaError as error:
            raise RefusedError(Refusal(Reason.ILLEGAL, str(error)), event) from error
        except RecordTooLargeError as error:
            detail = f"the payload's schema cannot be announced: {error}"
            raise RefusedError(Refusal(Reason.TOO_LARGE, detail), event) from error
        return event.model_copy(
            update={"payload": framed.body, "payload_schema": schema.fingerprint}
        )

    async def _read(
        self, value: bytes, event: JobSubmitted | None = None
    ) -> tuple[ConfluentFrame, AvroSchema]:
        what = "the value" if event is None else "the payload"
        try:
            framed = confluent_frame(value)
            schema = await self._look(framed.schema_id)
        except (NotConfluentFramedError, UnusableSchemaError) as error:
            raise RefusedError(Refusal(Reason.POISON, f"{what}: {error}"), event) from error
        except RegistryRefusedError as error:
            if error.may_pass:
                raise
            refusal = Refusal(Reason.UNKNOWN_SCHEMA, f"{what}: {error}")
            raise RefusedError(refusal, event) from error
        if schema is None:
            detail = (
                f"{what} has the schema {framed.schema_id}, which the registry does not have: write with the "
                "registry that registry.url names, then redrive"
            )
            raise RefusedError(Refusal(Reason.UNKNOWN_SCHEMA, detail), event)
        return framed, schema
