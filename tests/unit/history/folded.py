"""Histories that the scheduler's own fold makes, as records for the checker."""

from collections.abc import Iterator
from itertools import count

from aiokafka import ConsumerRecord, TopicPartition

from joblog.lifecycle.outputs import Destination
from joblog.lifecycle.partition.emissions import Emission
from joblog.lifecycle.partition.fold import Folded
from tests.history.history import History
from tests.history.records import LOG_APPEND_TIME, KafkaRecord
from tests.unit.lifecycle.partition_log import PartitionLog

NAMESPACE = "joblog"
_SUFFIXES = {
    Destination.WORK: "work.",
    Destination.DELAY: "delay.",
    Destination.DEAD_LETTERS: "dlq",
    Destination.CONTROL: "control",
}


class WholeLog(PartitionLog):
    """A partition whose facts are appended to it too, as the scheduler does it."""

    def append_raw(
        self,
        key: bytes | None,
        value: bytes | None,
        headers: tuple[tuple[str, bytes | None], ...] = (),
    ) -> Folded:
        folded = super().append_raw(key, value, headers)
        for emission in folded.emissions:
            if emission.destination == Destination.EVENTS:
                super().append_raw(emission.key, emission.value)
        return folded

    def history(self) -> History:
        """Everything that the topics would hold."""
        self.commit()
        partitions = [TopicPartition(f"{NAMESPACE}.events", 0)]
        return History.of(NAMESPACE, partitions, self._records())

    def _records(self) -> Iterator[KafkaRecord]:
        for record in self.records:
            yield _record("events", record.offset, record.timestamp, record.key, record.value)
        offsets = count()
        for emission in self.emissions:
            if emission.destination != Destination.EVENTS:
                yield _record(
                    _suffix(emission), next(offsets), self.now, emission.key, emission.value
                )
        for key, value in self.view.entries.items():
            table = {b"j": "table.jobs", b"l": "table.log"}.get(key[:1])
            if table is not None:
                yield _record(table, next(offsets), self.now, key[1:], value)


def _suffix(emission: Emission) -> str:
    return _SUFFIXES[emission.destination] + emission.name


def _record(
    suffix: str, offset: int, timestamp: int, key: bytes | None, value: bytes | None
) -> KafkaRecord:
    return ConsumerRecord(
        topic=f"{NAMESPACE}.{suffix}",
        partition=0,
        offset=offset,
        timestamp=timestamp,
        timestamp_type=LOG_APPEND_TIME,
        key=key,
        value=value,
        checksum=None,
        serialized_key_size=0,
        serialized_value_size=0,
        headers=(),
    )
