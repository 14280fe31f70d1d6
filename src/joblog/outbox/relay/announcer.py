"""Announces the schemas of payloads before what is written in them is published."""

from collections.abc import Sequence

from joblog.client.connection import Connection
from joblog.client.payload_schemas import PayloadSchemas
from joblog.client.records import Records
from joblog.outbox.relay.assessor import Batch, Publishable
from joblog.outbox.stored import Refusal
from joblog.schemas.avro_schema import AvroSchema
from joblog.schemas.errors import ConflictingSchemaError
from joblog.streams.errors import RecordTooLargeError


class Announcer:
    """Knows what is announced, and announces the rest.

    Args:
        log: the log, connected.
        records: makes what is published.
    """

    def __init__(self, log: Connection, records: Records) -> None:
        self._log = log
        self._records = records
        self._schemas = PayloadSchemas(log.schemas, self._publish)

    async def announced(self, batch: Batch) -> Batch:
        """Return a batch all of whose schemas are announced; entries of one that cannot be are refused.

        Raises:
            KafkaUnavailableError: no broker answers.
            UnconfirmedError: a schema was not acknowledged.
        """
        schemas = {id(entry.schema): entry.schema for entry in batch.publishable}
        reasons = {key: await self._refusal_of(schema) for key, schema in schemas.items()}
        publishable, refusals = list[Publishable](), list(batch.refusals)
        for entry in batch.publishable:
            reason = reasons[id(entry.schema)]
            if reason is None:
                publishable.append(entry)
            else:
                refusals.append(Refusal(entry.position, reason))
        return Batch(publishable, refusals)

    async def _refusal_of(self, schema: AvroSchema) -> str | None:
        try:
            await self._schemas.announce([schema])
        except (ConflictingSchemaError, RecordTooLargeError) as error:
            return str(error)
        return None

    async def _publish(self, schemas: Sequence[AvroSchema]) -> None:
        await self._log.send([self._records.schema(schema) for schema in schemas])
