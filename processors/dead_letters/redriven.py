"""Which dead-lettered records were redriven: the log itself says it, in a header."""

import re
from typing import Final

from aiokafka import TopicPartition

from joblog.processors.dead_letters.letters import DeadLetter, letter_of
from joblog.processors.dead_letters.remedies import REDRIVEN_FROM
from joblog.streams.errors import TopicMissingError
from joblog.streams.kafka.inbound import inbound
from joblog.streams.kafka.log_reader import LogReader
from joblog.streams.settings import Settings
from joblog.streams.topics import TopicMap

_REFERENCE: Final = re.compile(rb"([0-9]+)@([0-9]+)")


class RedrivenRecords:
    """Knows, for each partition of each topic, the dead letters whose records stand in it again.

    A partition is read once, and only if one of its records is asked for: from the first of them, since
    what redrives it and its successors stands behind it. A header there names one record of the
    dead-letter topic; it holds for all that repeat it under the same event id.

    Args:
        settings: where Kafka is, and which topics there are.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._dead_letters = TopicMap.of(settings).dead_letters.name
        self._event_ids: dict[tuple[TopicPartition, TopicPartition], frozenset[str]] = {}

    async def has(self, letter: DeadLetter) -> bool:
        """Return whether a record was redriven. Ask in the order of the dead letters of a partition."""
        original = letter.event.original
        origin = TopicPartition(original.topic, original.partition)
        queue = TopicPartition(self._dead_letters, letter.partition)
        if (origin, queue) not in self._event_ids:
            async with LogReader(self._settings) as reader:
                offsets = await _redriven_from(reader, queue, origin, original.offset)
                self._event_ids[origin, queue] = await _event_ids(reader, queue, offsets)
        return letter.event.event_id in self._event_ids[origin, queue]


async def _redriven_from(
    reader: LogReader, queue: TopicPartition, origin: TopicPartition, start: int
) -> frozenset[int]:
    """Return the offsets of the dead letters that headers of a partition name."""
    try:
        return frozenset(
            [
                int(found[2])
                async for records in reader.read({origin: start})
                for record in records
                for name, value in record.headers
                if name == REDRIVEN_FROM
                and (found := _REFERENCE.fullmatch(value or b""))
                and int(found[1]) == queue.partition
            ]
        )
    except TopicMissingError:  # the topic of a lane that is no more: nothing stands in it again
        return frozenset()


async def _event_ids(
    reader: LogReader, queue: TopicPartition, offsets: frozenset[int]
) -> frozenset[str]:
    found: set[str] = set()
    if not offsets:
        return frozenset()
    async for records in reader.read({queue: min(offsets)}):
        letters = [letter_of(inbound(record)) for record in records if record.offset in offsets]
        found.update(letter.event.event_id for letter in letters if letter is not None)
        if records and records[-1].offset >= max(offsets):
            break
    return frozenset(found)
