"""Finds payload schemas where their writers published them."""

from collections.abc import Mapping

from aiokafka import TopicPartition

from joblog.schemas.avro_schema import AvroSchema
from joblog.schemas.codec import Codec
from joblog.schemas.errors import UndecodableError, UnknownSchemaError
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
    codec = Codec()
    found: dict[bytes, AvroSchema] = {}
    async with LogReader(settings) as reader:
        async for records in reader.read(await reader.starts([at])):
            for record in records:
                announced = _announcement(codec, record.value)
                if announced is not None:
                    found[announced.fingerprint] = AvroSchema.from_json(announced.definition)
    return found


def _announcement(codec: Codec, value: bytes | None) -> SchemaAnnounced | None:
    if value is None:
        return None
    try:
        event = codec.decode(value)
        if not isinstance(event, SchemaAnnounced):
            return None
        codec.learn(event)
    except (UndecodableError, UnknownSchemaError):
        return None
    return event
