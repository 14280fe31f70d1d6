"""Finds payload schemas where their writers published them."""

from collections.abc import Iterable, Mapping

from aiokafka import TopicPartition

from joblog.schemas.avro_schema import AvroSchema
from joblog.schemas.codec import Codec
from joblog.schemas.errors import ConflictingSchemaError, UndecodableError, UnknownSchemaError
from joblog.schemas.models import SchemaAnnounced
from joblog.streams.kafka.log_reader import LogReader
from joblog.streams.settings import Settings
from joblog.streams.topics import TopicMap


async def announced_schemas(settings: Settings) -> Mapping[bytes, AvroSchema]:
    """Return all schemas on the schemas topic, by fingerprint; what cannot be read is left out.

    Raises:
        KafkaUnavailableError: no broker answers.
        TopicMissingError: the topic does not exist.
    """
    at = TopicPartition(TopicMap.of(settings).schemas.name, 0)
    found = FoundSchemas()
    async with LogReader(settings) as reader:
        async for records in reader.read(await reader.starts([at])):
            found.learn(record.value for record in records)
    return found.schemas


class FoundSchemas:
    """The schemas in the values of the schemas topic.

    Attributes:
        schemas: by fingerprint. Of two that share one the first counts, as it does for schedulers and workers.
    """

    def __init__(self) -> None:
        self._codec = Codec()
        self.schemas: dict[bytes, AvroSchema] = {}

    def learn(self, values: Iterable[bytes | None]) -> None:
        """Take in values; what cannot be read, or not be told from another schema, is left out."""
        for value in values:
            schema = None if value is None else self._schema_in(value)
            if schema is not None:
                self.schemas[schema.fingerprint] = schema

    def _schema_in(self, value: bytes) -> AvroSchema | None:
        try:
            event = self._codec.decode(value)
            if not isinstance(event, SchemaAnnounced):
                return None
            self._codec.learn(event)
            return AvroSchema.from_json(event.definition)
        except (UndecodableError, UnknownSchemaError, ConflictingSchemaError):
            return None
