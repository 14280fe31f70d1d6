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
from joblog.schemas.versions import absent_fields

NAMESPACE: Final = "joblog"
_MODELS: Final = {model.__name__: model for model in EVENTS}


class _Reader(NamedTuple):
    writer: AvroSchema
    reader: AvroSchema
    model: type[Event]
    absent: tuple[str, ...]

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
    """Encodes with the oldest committed schema that has all of an event, decodes with any that is known.

    So an event has the bytes that it always had, and is read by whoever could, until it says something new.
    """

    def __init__(self) -> None:
        self._latest = latest("events")
        self._older: dict[str, list[_Reader]] = {}
        self._schemas: dict[bytes, AvroSchema] = {}
        self._readers: dict[bytes, _Reader] = {}
        for found in committed("events"):
            self._learn(found.schema)
            if found.schema is not self._latest[found.name]:
                self._older.setdefault(found.name, []).append(
                    self._readers[found.schema.fingerprint]
                )

    def encode(self, event: Event) -> bytes:
        """Return a framed event."""
        name = type(event).__name__
        schema = self._latest[name]
        for older in self._older.get(name, ()):
            if older.reader is older.writer and _lacks(event, older.absent):
                schema = older.writer
                break
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
        for name in known.absent:
            datum[name] = None
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
            self._readers[schema.fingerprint] = self._reader(schema, name)

    def _reader(self, schema: AvroSchema, name: str) -> _Reader:
        newest, model = self._latest[name], _MODELS[name]
        absent = () if schema is newest else absent_fields(schema, newest)
        if absent is None:
            return _Reader(schema, newest, model, ())
        return _Reader(schema, schema, model, absent)

    def _refuse(self, fingerprint: bytes) -> Never:
        known = self._schemas.get(fingerprint)
        if known is None:
            raise UnknownSchemaError(fingerprint)
        raise UndecodableError(f"{known.name} is the schema of no event")


def _lacks(event: Event, fields: tuple[str, ...]) -> bool:
    return all(getattr(event, field) is None for field in fields)
