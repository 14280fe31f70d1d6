"""Events to bytes and back."""

from typing import Any, Final, NamedTuple, Never

from pydantic import ValidationError

from joblog.schemas.avro_schema import AvroSchema, fingerprint_of
from joblog.schemas.building import builder
from joblog.schemas.catalog import committed, latest
from joblog.schemas.compiled import CANNOT_BUILD
from joblog.schemas.errors import ConflictingSchemaError, UndecodableError, UnknownSchemaError
from joblog.schemas.framing import frame, unframe
from joblog.schemas.models import EVENTS, Event, SchemaAnnounced
from joblog.schemas.problems import problem_in

NAMESPACE: Final = "joblog"
_MODELS: Final = {model.__name__: model for model in EVENTS}


class _Reader(NamedTuple):
    writer: AvroSchema
    reader: AvroSchema
    model: type[Event]

    def event(self, datum: dict[str, Any]) -> Event:
        """Return the event with the fields of a datum, which becomes part of it.

        Raises:
            ValidationError: it breaks a rule of its model.
        """
        build = builder(self.model)
        if build is not None:
            try:
                event: Event = build(datum)
            except CANNOT_BUILD:
                pass  # pydantic can, or says what is wrong
            else:
                return event
        return self.model.model_validate(datum)


class Codec:
    """Encodes with the newest committed schemas, decodes with any committed or announced one."""

    def __init__(self) -> None:
        self._latest = latest("events")
        self._schemas: dict[bytes, AvroSchema] = {}
        self._readers: dict[bytes, _Reader] = {}
        for found in committed("events"):
            self._learn(found.schema)

    def encode(self, event: Event) -> bytes:
        """Return a framed event."""
        schema = self._latest[type(event).__name__]
        return frame(schema.fingerprint, schema.write_object(event, event.model_dump))

    def decode(self, value: bytes) -> Event:
        """Return the event in a framed value.

        Raises:
            UnknownSchemaError: its schema has not been learned yet.
            UndecodableError: it is no event, or breaks a rule of its model.
        """
        fingerprint, body = unframe(value)
        known = self._readers.get(fingerprint)
        if known is None:
            self._refuse(fingerprint)
        datum = known.reader.read(body, known.writer)
        try:
            return known.event(datum)
        except ValidationError as error:
            problem = problem_in(error)
            where = problem.where or "the event"
            words = f"{known.model.__name__} breaks a rule of its model: {where}: {problem.rule}"
            raise UndecodableError(words) from error

    def knows(self, fingerprint: bytes) -> bool:
        """Return whether a schema is committed or was announced."""
        return fingerprint in self._schemas

    def learn(self, announced: SchemaAnnounced) -> None:
        """Take in an announced schema, so that later decodes can use it.

        Raises:
            ConflictingSchemaError: a known schema has the same fingerprint but other logical types.
            UndecodableError: the definition is no Avro schema, or not the one of its fingerprint.
        """
        try:
            schema = AvroSchema.from_json(announced.definition)
        except Exception as error:
            raise UndecodableError(
                f"the announced {announced.name} is no Avro schema: {error}"
            ) from error
        if fingerprint_of(schema.definition) != announced.fingerprint:
            raise UndecodableError(
                f"the announced {announced.name} has the fingerprint {schema.fingerprint.hex()}, "
                f"not {announced.fingerprint.hex()}"
            )
        self._learn(schema)

    def _learn(self, schema: AvroSchema) -> None:
        known = self._schemas.setdefault(schema.fingerprint, schema)
        if known.logical_types() != schema.logical_types():
            raise ConflictingSchemaError(schema.name, schema.fingerprint)
        namespace, _, name = schema.name.rpartition(".")
        if namespace == NAMESPACE and name in _MODELS:
            self._readers[schema.fingerprint] = _Reader(schema, self._latest[name], _MODELS[name])

    def _refuse(self, fingerprint: bytes) -> Never:
        known = self._schemas.get(fingerprint)
        if known is None:
            raise UnknownSchemaError(fingerprint)
        raise UndecodableError(f"{known.name} is the schema of no event")
