"""Announces in the log what payloads are written with; the registry is nobody's concern there."""

from collections.abc import Callable

from aiokafka import TopicPartition

from joblog.processors.bridge.outbound import SOURCE
from joblog.processors.worker.writer_schemas import WriterSchemas
from joblog.schemas.avro_schema import AvroSchema
from joblog.schemas.codec import Codec
from joblog.schemas.errors import ConflictingSchemaError
from joblog.schemas.models import SchemaAnnounced
from joblog.streams.abc import Publisher
from joblog.streams.cloudevents import headers_for
from joblog.streams.kafka.inbound import inbound
from joblog.streams.kafka.log_reader import LogReader
from joblog.streams.records import Outbound
from joblog.streams.settings import Settings
from joblog.streams.topics import TopicMap


class Announcements:
    """The schemas topic, as far as the bridge has to know it.

    Args:
        settings: where Kafka is, and which topics there are.
        publisher: writes records.
        now_ms: ms since the Unix epoch.
    """

    def __init__(self, settings: Settings, publisher: Publisher, now_ms: Callable[[], int]) -> None:
        self._settings = settings
        self._topic = TopicMap.of(settings).schemas.name
        self._publisher = publisher
        self._now_ms = now_ms
        self._codec = Codec()
        self._announced = WriterSchemas(self._codec)
        self._published: dict[bytes, AvroSchema] = {}

    async def announce(self, schema: AvroSchema) -> None:
        """Announce a payload's schema unless somebody has; it is acknowledged when this returns.

        Raises:
            ConflictingSchemaError: an announced one has its fingerprint but other logical types.
            KafkaUnavailableError: the topic cannot be read.
            RecordTooLargeError: its definition is larger than the topic takes.
            PublishError: the announcement was not acknowledged.
        """
        known = self._known(schema.fingerprint)
        if known is None:
            await self._catch_up()
            known = self._known(schema.fingerprint)
        if known is None:
            await self._publisher.publish([self._record(schema)])
            self._published[schema.fingerprint] = schema
        elif known.logical_types() != schema.logical_types():
            raise ConflictingSchemaError(schema.name, schema.fingerprint)

    def _known(self, fingerprint: bytes) -> AvroSchema | None:
        return self._announced.get(fingerprint) or self._published.get(fingerprint)

    async def _catch_up(self) -> None:
        at = TopicPartition(self._topic, 0)
        async with LogReader(self._settings) as reader:
            async for records in reader.read(await reader.starts([at])):
                for record in records:
                    self._announced.learn(inbound(record))

    def _record(self, schema: AvroSchema) -> Outbound:
        event = SchemaAnnounced.of(schema, self._now_ms())
        headers = headers_for("SchemaAnnounced", event.event_id, event.time, SOURCE)
        key = schema.fingerprint.hex().encode()
        return Outbound(self._topic, 0, key, self._codec.encode(event), headers)
