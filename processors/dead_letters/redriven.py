"""Which dead-lettered records were redriven: the log itself says it, in a header."""

from aiokafka import TopicPartition

from joblog.processors.dead_letters.letters import DeadLetter
from joblog.processors.dead_letters.remedies import REDRIVEN_FROM
from joblog.streams.kafka.log_reader import LogReader
from joblog.streams.settings import Settings
from joblog.streams.topics import TopicMap


class RedrivenRecords:
    """Knows, for each partition, the dead letters whose records stand in the log again.

    A partition is read once, and only if one of its records is asked for: from the first of them, since
    what redrives it and its successors stands behind it.

    Args:
        settings: where Kafka is, and which topics there are.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._events_topic = TopicMap.of(settings).events.name
        self._references: dict[int, frozenset[str]] = {}

    async def has(self, letter: DeadLetter) -> bool:
        """Return whether a record was redriven. Ask in the order of the dead letters of a partition."""
        original = letter.event.original
        if original.partition not in self._references:
            at = TopicPartition(self._events_topic, original.partition)
            self._references[original.partition] = await self._read(at, original.offset)
        return letter.reference in self._references[original.partition]

    async def _read(self, at: TopicPartition, start: int) -> frozenset[str]:
        found = set()
        async with LogReader(self._settings) as reader:
            async for records in reader.read({at: start}):
                for record in records:
                    for name, value in record.headers:
                        if name == REDRIVEN_FROM and value is not None:
                            found.add(value.decode("ascii", "replace"))
        return frozenset(found)
