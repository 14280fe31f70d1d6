"""A topic that a test looks at again and again."""

import asyncio
from typing import Any

from aiokafka import ConsumerRecord, TopicPartition

from joblog.streams.kafka.log_reader import LogReader
from joblog.streams.settings import Settings
from joblog.streams.topic import Topic


class Followed:
    """Reads on from where it stood at the last look, so that a look costs what is new.

    Args:
        settings: where Kafka is.
        topic: the topic.
    """

    def __init__(self, settings: Settings, topic: Topic) -> None:
        self._settings = settings
        self._next = {TopicPartition(topic.name, number): 0 for number in range(topic.partitions)}

    def new(self) -> "list[ConsumerRecord[Any, Any]]":
        """Return the records that have come since the last look."""
        return asyncio.run(self._read())

    async def _read(self) -> "list[ConsumerRecord[Any, Any]]":
        found: list[ConsumerRecord[Any, Any]] = []
        async with LogReader(self._settings) as reader:
            async for records in reader.read(self._next):
                found += records
        for record in found:
            self._next[TopicPartition(record.topic, record.partition)] = record.offset + 1
        return found
