"""Writes records to a log in memory."""

from collections.abc import Sequence

from joblog.streams.errors import RecordTooLargeError, UnknownTopicError
from joblog.streams.memory.log import MemoryLog
from joblog.streams.record_checks import check_types, size_of
from joblog.streams.records import Outbound, Position
from joblog.streams.topics import TopicMap


class MemoryPublisher:
    """A Publisher that refuses what the one for Kafka refuses, and never fails otherwise.

    Args:
        log: where records go.
        topics: the topics that there are.
    """

    def __init__(self, log: MemoryLog, topics: TopicMap) -> None:
        self._log = log
        self._topics = topics

    async def publish(self, records: Sequence[Outbound]) -> Sequence[Position]:
        """Write records, see ``Publisher``.

        Returns:
            The position of each record, in the order given.

        Raises:
            RecordTooLargeError: a record is larger than its topic takes; nothing was written.
            TypeError: a key, value or header is not of its type; nothing was written.
            UnknownTopicError: there is no such topic or partition; nothing was written.
        """
        for record in records:
            self._check(record)
        return [
            self._log.append(
                record.topic, record.key, record.value, record.headers, record.partition
            )
            for record in records
        ]

    def _check(self, record: Outbound) -> None:
        check_types(record)
        topic = self._topics.named(record.topic)
        if not 0 <= record.partition < topic.partitions:
            raise UnknownTopicError(record.topic, record.partition)
        size = size_of(record)
        if size > topic.max_record_bytes:
            raise RecordTooLargeError(record.topic, size, topic.max_record_bytes)
