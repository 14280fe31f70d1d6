"""The topics of a log in memory: what a broker does with records, without one."""

from collections.abc import Callable, Sequence
from typing import Final

from aiokafka.record.default_records import DefaultRecordBatchBuilder

from joblog.lifecycle.partitioner import partition_of
from joblog.streams.errors import RecordTooLargeError, UnknownTopicError
from joblog.streams.records import Inbound, Position
from joblog.streams.topics import Topic, TopicMap

_MAGIC: Final = 2
_UNCOMPRESSED: Final = 0

Headers = Sequence[tuple[str, bytes | None]]


class MemoryLog:
    """Topics that are appended to and read, and lose nothing: no retention, no compaction.

    Args:
        topics: the topics that there are.
        clock: gives the LogAppendTime of records, in ms since the Unix epoch.
    """

    def __init__(self, topics: TopicMap, clock: Callable[[], int]) -> None:
        self._topics = topics
        self._clock = clock
        self._partitions: dict[tuple[str, int], list[Inbound]] = {
            (topic.name, partition): []
            for topic in topics.all
            for partition in range(topic.partitions)
        }

    def append(
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        headers: Headers = (),
        partition: int | None = None,
    ) -> Position:
        """Append a record and return where it stands.

        Args:
            topic: full name.
            key: record key.
            value: record value.
            headers: record headers.
            partition: where it goes. By default murmur2 of its key says; without a key it is 0,
                where Kafka's producers choose any.

        Raises:
            UnknownTopicError: there is no such topic or partition.
            RecordTooLargeError: a broker would refuse the record, alone in its batch.
        """
        found = self._topics.named(topic)
        if partition is None:
            partition = 0 if key is None else partition_of(key, found.partitions)
        records = self._records(topic, partition)
        _check_size(found, key, value, headers)
        offset, now = len(records), self._clock()
        records.append(Inbound(topic, partition, offset, now, key, value, tuple(headers)))
        return Position(partition, offset)

    def read(self, topic: str, partition: int, start: int = 0) -> list[Inbound]:
        """Return the records of a partition from an offset (included) on.

        Raises:
            UnknownTopicError: there is no such topic or partition.
        """
        return self._records(topic, partition)[start:]

    def end(self, topic: str, partition: int) -> int:
        """Return the offset after the last record of a partition.

        Raises:
            UnknownTopicError: there is no such topic or partition.
        """
        return len(self._records(topic, partition))

    def _records(self, topic: str, partition: int) -> list[Inbound]:
        found = self._partitions.get((topic, partition))
        if found is None:
            raise UnknownTopicError(self._topics.named(topic).name, partition)
        return found


def batch_bytes(key: bytes | None, value: bytes | None, headers: Headers = ()) -> int:
    """Return the size of a batch with one record, which a broker holds against `max.message.bytes`."""
    batch = DefaultRecordBatchBuilder(_MAGIC, _UNCOMPRESSED, 0, -1, -1, -1, 0)
    batch.append(0, 0, key, value, list(headers))
    return int(batch.size())


def _check_size(topic: Topic, key: bytes | None, value: bytes | None, headers: Headers) -> None:
    size = batch_bytes(key, value, headers)
    if size > topic.max_message_bytes:
        raise RecordTooLargeError(topic.name, size, topic.max_message_bytes)
