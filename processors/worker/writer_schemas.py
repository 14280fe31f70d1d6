"""The schemas that writers announced: of payloads, and of newer versions of events."""

from collections.abc import Callable
from typing import Final

from joblog.schemas.avro_schema import AvroSchema, fingerprint_of
from joblog.schemas.codec import NAMESPACE, Codec
from joblog.schemas.errors import ConflictingSchemaError, UndecodableError, UnknownSchemaError
from joblog.schemas.models import SchemaAnnounced
from joblog.streams.records import Inbound

_EVENTS: Final = f"{NAMESPACE}."


class WriterSchemas:
    """What is announced on the schemas topic; announcements that cannot be used are as good as none.

    Args:
        codec: decodes announcements, and learns the schemas of events.
    """

    def __init__(self, codec: Codec) -> None:
        self._codec = codec
        self._payloads: dict[bytes, AvroSchema] = {}
        self._announced: set[bytes] = set()
        self._listeners: list[Callable[[bytes], None]] = []

    def listen(self, learned: Callable[[bytes], None]) -> None:
        """Have a function called with the fingerprint of each schema that becomes known."""
        self._listeners.append(learned)

    def get(self, fingerprint: bytes) -> AvroSchema | None:
        """Return the schema of a payload, None where it was not announced."""
        return self._payloads.get(fingerprint)

    def was_announced(self, fingerprint: bytes) -> bool:
        """Return whether a schema stands on the topic, be it one of this release or not."""
        return fingerprint in self._announced

    def knows(self, fingerprint: bytes) -> bool:
        """Return whether a schema was announced, or is one of this release."""
        return fingerprint in self._payloads or self._codec.knows(fingerprint)

    def learn(self, record: Inbound) -> None:
        """Take in a record of the schemas topic."""
        announced = self._decode(record)
        if announced is None:
            return
        self._announced.add(announced.fingerprint)
        if self.knows(announced.fingerprint):
            return
        if announced.name.startswith(_EVENTS):
            self._learn_event(announced)
        else:
            self._learn_payload(announced)
        if self.knows(announced.fingerprint):
            for learned in self._listeners:
                learned(announced.fingerprint)

    def _decode(self, record: Inbound) -> SchemaAnnounced | None:
        try:
            event = self._codec.decode(record.value or b"")
        except (UndecodableError, UnknownSchemaError):
            return None
        return event if isinstance(event, SchemaAnnounced) else None

    def _learn_event(self, announced: SchemaAnnounced) -> None:
        try:
            self._codec.learn(announced)
        except (UndecodableError, ConflictingSchemaError):
            return

    def _learn_payload(self, announced: SchemaAnnounced) -> None:
        try:
            schema = AvroSchema.from_json(announced.definition)
        except Exception:  # noqa: BLE001 - whatever garbage makes the parser raise, it is no schema
            return
        if fingerprint_of(schema.definition) == announced.fingerprint:
            self._payloads[announced.fingerprint] = schema
