"""What of an outbox can be published, and what never can: no I/O."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from joblog.client.records import Records
from joblog.outbox.entry import refuse_oversize
from joblog.outbox.errors import EntryUnreadableError
from joblog.outbox.stored import Refusal, Waiting
from joblog.schemas.avro_schema import AvroSchema
from joblog.schemas.codec import Codec
from joblog.schemas.errors import JoblogError
from joblog.schemas.models import JobSubmitted
from joblog.streams.records import Outbound
from joblog.streams.topic import Topic


class Publishable(NamedTuple):
    """An entry, by its position, as the record to publish, and the schema to announce before."""

    position: int
    record: Outbound
    schema: AvroSchema


class Batch(NamedTuple):
    """Entries by what becomes of them, each in their order."""

    publishable: Sequence[Publishable]
    refusals: Sequence[Refusal]


class Assessor:
    """Makes records of entries.

    Args:
        records: gives submissions their places.
        events: the topic that they are for.
    """

    def __init__(self, records: Records, events: Topic) -> None:
        self._records = records
        self._events = events
        self._codec = Codec()

    def batch(self, entries: Iterable[Waiting], max_bytes: int) -> Batch:
        """Return the records of entries, and why there can be none of some.

        Args:
            entries: the entries.
            max_bytes: the largest value of a submission that the log allows.
        """
        publishable, refusals = list[Publishable](), list[Refusal]()
        for entry in entries:
            try:
                publishable.append(self._publishable(entry, max_bytes))
            except JoblogError as error:
                refusals.append(Refusal(entry.position, str(error)))
        return Batch(publishable, refusals)

    def _publishable(self, entry: Waiting, max_bytes: int) -> Publishable:
        event = self._codec.decode(entry.record)
        if not isinstance(event, JobSubmitted):
            raise EntryUnreadableError(f"its record is a {type(event).__name__}")
        schema = _schema_of(entry.payload_schema)
        if schema.fingerprint != event.payload_schema:
            wanted, found = event.payload_schema.hex(), schema.fingerprint.hex()
            raise EntryUnreadableError(f"its payload is of schema {wanted}, not of {found}")
        record = self._records.encoded_submission(event, entry.record, entry.traceparent, max_bytes)
        refuse_oversize(record, self._events)
        return Publishable(entry.position, record, schema)


@lru_cache(maxsize=1_024)
def _schema_of(definition: str) -> AvroSchema:
    """Return the schema, the same object each time: whoever knows it need not compare it again."""
    try:
        return AvroSchema.from_json(definition)
    except Exception as error:  # whatever it is, the text is at fault
        detail = f"its payload_schema is no Avro schema ({type(error).__name__}: {error})"
        raise EntryUnreadableError(detail) from error
