"""The history of a log: everything that its topics hold."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from itertools import chain
from typing import Final, Self

from aiokafka.partitioner import murmur2

from tests.history.avro import Decoder
from tests.history.errors import UndecodableValueError, UnknownFingerprintError
from tests.history.kafka import Offsets, Partitions, read_topics
from tests.history.partition_log import PartitionLog
from tests.history.records import At, KafkaRecord, Record, event_of, record_of

SCHEDULER_FACTS: Final = frozenset({"JobCancelled", "JobExpired", "LeaseExpired"})
"""What the scheduler writes to the events topic itself."""


class History:
    """Takes up the records of all topics of a namespace.

    Attributes:
        namespace: prefix of the topics' names.
        starts: the first offset that each partition still has.
        logs: the partitions of the events topic.
        work: records of all lanes.
        delay: records of all tiers.
        dead_letters: records of the dead-letter topic.
        control: records of the control topic.
        rows: the last record of each key of the table of jobs, by partition and key.
        knowledge: the same of the table of what each partition knows.
    """

    def __init__(self, namespace: str) -> None:
        self.namespace = namespace
        self.starts: Offsets = {}
        self.logs: Mapping[int, PartitionLog] = {}
        self.work: list[Record] = []
        self.delay: list[Record] = []
        self.dead_letters: list[Record] = []
        self.control: list[Record] = []
        self.rows: dict[tuple[int, bytes | None], Record] = {}
        self.knowledge: dict[tuple[int, bytes | None], Record] = {}
        self._decoder = Decoder()
        self._homes: dict[str, int] = {}

    @classmethod
    async def read(
        cls, bootstrap: str, namespace: str, deleted: Iterable[KafkaRecord] = ()
    ) -> Self:
        """Read the history from Kafka.

        Args:
            bootstrap: bootstrap servers.
            namespace: prefix of the topics' names.
            deleted: what stood on work and delay topics before they were deleted.

        Raises:
            MissingTopicError: a topic that every log has does not exist.
        """
        history = cls(namespace)
        for raw in deleted:
            history.take(raw)
        history.starts = await read_topics(bootstrap, namespace, history.begin, history.take)
        return history

    @classmethod
    def of(cls, namespace: str, partitions: Partitions, records: Iterable[KafkaRecord]) -> Self:
        """Return the history that records make, those of a partition in order."""
        history = cls(namespace)
        history.begin(partitions)
        for record in records:
            history.take(record)
        return history

    @property
    def events_topic(self) -> str:
        """Name of the events topic."""
        return f"{self.namespace}.events"

    def begin(self, partitions: Partitions) -> None:
        """Take up which partitions there are."""
        self.logs = {
            at.partition: PartitionLog(at.partition)
            for at in partitions
            if at.topic == self.events_topic
        }

    def take(self, raw: KafkaRecord) -> None:
        """Take up the next record of a partition."""
        family = raw.topic.removeprefix(f"{self.namespace}.")
        match family.split("."):
            case ["events"]:
                self.logs[raw.partition].take(raw)
            case ["work", _]:
                self.work.append(self._decoded(raw))
            case ["delay", _]:
                self.delay.append(self._decoded(raw))
            case ["dlq"]:
                self.dead_letters.append(self._decoded(raw))
            case ["control"]:
                self.control.append(self._decoded(raw))
            case ["table", "jobs"]:
                self.rows[raw.partition, raw.key] = self._decoded(raw)
            case ["table", "log"]:
                self.knowledge[raw.partition, raw.key] = self._decoded(raw)

    def home(self, job_id: str) -> int:
        """Return the partition in which a job is decided: murmur2, the Java client's default."""
        home = self._homes.get(job_id)
        if home is None:
            home = (int(murmur2(job_id.encode())) & 0x7FFFFFFF) % len(self.logs)
            self._homes[job_id] = home
        return home

    @property
    def events(self) -> Iterator[Record]:
        """All records of the events topic, partition by partition."""
        return chain.from_iterable(self.logs.values())

    def record(self, at: At) -> Record | None:
        """Return the record of an events, work or delay topic at some coordinates."""
        if at.topic == self.events_topic:
            log = self.logs.get(at.partition)
            return None if log is None else log.record(at.offset)
        return self._passing.get(at)

    @cached_property
    def _passing(self) -> Mapping[At, Record]:
        return {record.at: record for record in chain(self.work, self.delay)}

    @cached_property
    def outputs(self) -> tuple[Record, ...]:
        """All that the scheduler put out, repeats too; and the dead letters of workers and delay services."""
        facts = (record for record in self.events if _is_fact(record))
        put_out = chain(self.work, self.delay, self.dead_letters, self.control, facts)
        return tuple(record for record in put_out if record.event is not None)

    @cached_property
    def positions(self) -> Mapping[int, int]:
        """Offset of the last record folded into the tables, by partition."""
        return {
            partition: record.event.fields["offset"]
            for (partition, _), record in self.knowledge.items()
            if record.event is not None and record.event.name == "LogPosition"
        }

    def _decoded(self, raw: KafkaRecord) -> Record:
        try:
            datum = self._decoder.decode(raw.value)
        except (UndecodableValueError, UnknownFingerprintError) as error:
            return record_of(raw, None, str(error))
        return record_of(raw, event_of(datum.name, datum.fields))


def _is_fact(record: Record) -> bool:
    return record.event is not None and record.event.name in SCHEDULER_FACTS
