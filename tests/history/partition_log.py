"""One partition of the events topic, with what follows from the order of its records."""

from collections.abc import Iterator

from tests.history.announcements import Announcements
from tests.history.avro import Decoder
from tests.history.errors import UndecodableValueError, UnknownFingerprintError
from tests.history.log_time import LogTime
from tests.history.lost_topics import LostTopics
from tests.history.records import Event, KafkaRecord, Record, event_of, record_of

NEVER = -1
"""Offset at which a record is decided whose schema was not announced yet."""


class PartitionLog:
    """Takes up the records of a partition in order.

    A record of unknown schema waits: it is decided at the announcement of its schema.
    """

    def __init__(self, partition: int) -> None:
        self.partition = partition
        self.announcements = Announcements()
        self.lost_topics = LostTopics()
        self._records: dict[int, Record] = {}
        self._log_times: dict[int, int] = {}
        self._clock = LogTime()
        self._decoder = Decoder()
        self._waiting: dict[bytes, list[KafkaRecord]] = {}

    def __iter__(self) -> Iterator[Record]:
        """Yield the records in order."""
        return iter(self._records.values())

    def record(self, offset: int) -> Record | None:
        """Return the record at an offset."""
        return self._records.get(offset)

    def log_time(self, offset: int) -> int:
        """Return the log time at an offset, ms."""
        return self._log_times[offset]

    def take(self, raw: KafkaRecord) -> None:
        """Take up the next record."""
        self._log_times[raw.offset] = self._clock.at(raw.timestamp)
        try:
            self._keep(raw, raw.offset)
        except UnknownFingerprintError as error:
            self._waiting.setdefault(error.fingerprint, []).append(raw)
            self._records[raw.offset] = record_of(raw, None, str(error))._replace(decided_at=NEVER)

    def _keep(self, raw: KafkaRecord, decided_at: int) -> None:
        try:
            datum = self._decoder.decode(raw.value)
        except UndecodableValueError as error:
            self._records[raw.offset] = record_of(raw, None, str(error))
            return
        definition = datum.fields.get("definition", "")
        event = event_of(datum.name, datum.fields)
        self._records[raw.offset] = record_of(raw, event)._replace(decided_at=decided_at)
        self.announcements.take(event, decided_at)
        self.lost_topics.take(event, decided_at, self._log_times[decided_at])
        if event.name == "SchemaAnnounced":
            self._learn(event, definition, raw.offset)

    def _learn(self, event: Event, definition: str, offset: int) -> None:
        fingerprint = event.fields["fingerprint"]
        if self._decoder.learn(fingerprint, definition):
            for raw in self._waiting.pop(fingerprint, ()):
                self._keep(raw, offset)
