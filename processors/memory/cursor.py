"""Reads what is new in topics of a log in memory."""

from collections.abc import Iterable

from joblog.streams.memory.log import MemoryLog
from joblog.streams.records import Inbound
from joblog.streams.topics import Topic


class Cursor:
    """Hands out each record of some topics once, by topic, then partition, then offset.

    Args:
        log: where they are.
        topics: the topics.
    """

    def __init__(self, log: MemoryLog, topics: Iterable[Topic]) -> None:
        self._log = log
        self._next = {
            (topic.name, partition): 0 for topic in topics for partition in range(topic.partitions)
        }

    def take(self) -> list[Inbound]:
        """Return the records that were not returned before."""
        taken = []
        for (topic, partition), start in self._next.items():
            records = self._log.read(topic, partition, start)
            self._next[topic, partition] = start + len(records)
            taken += records
        return taken
