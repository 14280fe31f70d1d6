"""What a worker declares before it reads work: schemas, then the types of its handlers."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from aiokafka import TopicPartition

from joblog.processors.worker.handlers import Handler
from joblog.processors.worker.registry import Registry
from joblog.processors.worker.reports import SOURCE, WRITTEN
from joblog.processors.worker.writer_schemas import WriterSchemas
from joblog.schemas.avro_schema import AvroSchema
from joblog.schemas.catalog import latest
from joblog.schemas.codec import Codec
from joblog.schemas.errors import ConflictingSchemaError, UndecodableError, UnknownSchemaError
from joblog.schemas.models import Event, JobDeadLettered, SchemaAnnounced, TypeAnnounced
from joblog.streams.abc import Publisher
from joblog.streams.cloudevents import headers_for
from joblog.streams.kafka.log_reader import LogReader
from joblog.streams.records import Outbound
from joblog.streams.settings import Settings
from joblog.streams.topics import TopicMap

NO_CONTENT: Final = {"event_id", "time", "version", "declared_by"}
"""Fields of a type's announcement that say nothing about the type."""


def schemas_to_announce(registry: Registry, known: WriterSchemas) -> list[AvroSchema]:
    """Return the schemas that this worker writes or reads and nobody has announced.

    Raises:
        ConflictingSchemaError: a schema has the fingerprint of an announced one but other logical types.
        PayloadTypeError: a handler's result has no Avro type.
    """
    wanted = {schema.fingerprint: schema for schema in _schemas(registry)}
    for fingerprint, schema in wanted.items():
        announced = known.get(fingerprint)
        if announced is not None and announced.logical_types() != schema.logical_types():
            raise ConflictingSchemaError(schema.name, fingerprint)
    return [schema for schema in wanted.values() if not known.was_announced(schema.fingerprint)]


def types_to_announce(
    registry: Registry, known: Mapping[str, TypeAnnounced], now: int, declared_by: str
) -> list[TypeAnnounced]:
    """Return the types that are new, or other than announced; `now` in ms is the least version."""
    return [
        _announcement(handler, known.get(handler.type), now, declared_by)
        for handler in registry
        if not _is_announced(handler, known.get(handler.type))
    ]


class Declarations:
    """Declares what a worker has.

    Args:
        settings: where Kafka is, and which topics there are.
        publisher: writes records.
        schemas: the schemas that were announced so far.
        worker: who declares.
        now_ms: ms since the Unix epoch.
    """

    def __init__(
        self,
        settings: Settings,
        publisher: Publisher,
        schemas: WriterSchemas,
        worker: str,
        now_ms: Callable[[], int],
    ) -> None:
        self._settings = settings
        self._topics = TopicMap.of(settings)
        self._publisher = publisher
        self._schemas = schemas
        self._worker = worker
        self._now_ms = now_ms
        self._codec = Codec()

    async def declare(self, registry: Registry) -> None:
        """Publish what is not there yet; schemas are acknowledged before types name them.

        Raises:
            ConflictingSchemaError: a payload's schema cannot be told from another one.
            PublishError: something was not acknowledged.
            KafkaUnavailableError: the topics cannot be read.
        """
        now = self._now_ms()
        schemas = schemas_to_announce(registry, self._schemas)
        await self._publisher.publish([self.schema_record(schema, now) for schema in schemas])
        known = await self._known_types()
        types = types_to_announce(registry, known, now, self._worker)
        await self._publisher.publish([self.type_record(type_) for type_ in types])

    async def _known_types(self) -> dict[str, TypeAnnounced]:
        known: dict[str, TypeAnnounced] = {}
        at = TopicPartition(self._topics.config.name, 0)
        async with LogReader(self._settings) as reader:
            async for records in reader.read(await reader.starts([at])):
                for event in self.types_in(record.value for record in records):
                    newest = known.get(event.type)
                    if newest is None or event.version >= newest.version:
                        known[event.type] = event
        return known

    def types_in(self, values: Iterable[bytes | None]) -> Iterator[TypeAnnounced]:
        """Yield the types that values of the config topic declare."""
        for value in values:
            try:
                event = self._codec.decode(value or b"")
            except (UndecodableError, UnknownSchemaError):
                continue  # the topic has other things too, and other writers
            if isinstance(event, TypeAnnounced):
                yield event

    def schema_record(self, schema: AvroSchema, now: int) -> Outbound:
        """Return the record that announces a schema; `now` in ms since the Unix epoch."""
        key = schema.fingerprint.hex()
        event = SchemaAnnounced.of(schema, now)
        return self._record(self._topics.schemas.name, key, event)

    def type_record(self, type_: TypeAnnounced) -> Outbound:
        """Return the record that declares a type."""
        return self._record(self._topics.config.name, f"type/{type_.type}", type_)

    def _record(self, topic: str, key: str, event: Event) -> Outbound:
        headers = headers_for(type(event).__name__, event.event_id, event.time, SOURCE)
        return Outbound(topic, 0, key.encode(), self._codec.encode(event), headers)


def _schemas(registry: Registry) -> Iterator[AvroSchema]:
    events = latest("events")
    yield from (events[event.__name__] for event in (*WRITTEN, JobDeadLettered, TypeAnnounced))
    for handler in registry:
        yield handler.schema
        if handler.result_schema is not None:
            yield handler.result_schema


def _is_announced(handler: Handler, known: TypeAnnounced | None) -> bool:
    return known is not None and _content(known) == _content(handler.declaration())


def _announcement(
    handler: Handler, known: TypeAnnounced | None, now: int, declared_by: str
) -> TypeAnnounced:
    version = now if known is None else max(known.version + 1, now)
    fields = {
        "event_id": f"type-{handler.type}-{version}",
        "time": now,
        "version": version,
        "declared_by": declared_by,
    }
    return handler.declaration().model_copy(update=fields)


def _content(type_: TypeAnnounced) -> dict[str, object]:
    return type_.model_dump(exclude=NO_CONTENT)
