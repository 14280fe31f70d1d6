"""Deletes what is done, since delay topics have no time limit."""

import logging
from collections.abc import Mapping

from aiokafka import TopicPartition
from aiokafka.admin import RecordsToDelete
from aiokafka.errors import KafkaError

from joblog.processors.delays.consumer import Offsets
from joblog.streams.errors import KafkaUnavailableError
from joblog.streams.kafka import connected_admin
from joblog.streams.settings import Settings
from joblog.streams.topics import TopicMap

logger = logging.getLogger(__name__)


class Purge:
    """Remembers what was committed, and deletes the records below (DeleteRecords, KIP-107).

    Whoever owns a partition now: what was once committed is done for good.

    Args:
        settings: where Kafka is, and which topics there are.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._topics = TopicMap.of(settings)
        self._below: dict[TopicPartition, int] = {}

    def committed(self, offsets: Offsets) -> None:
        """Note that the group holds these offsets."""
        for (tier, partition), offset in offsets.items():
            self._below[TopicPartition(self._topics.delay(tier).name, partition)] = offset

    async def run(self) -> None:
        """Delete what can be deleted now; what fails for a time is left to the next run.

        Raises:
            KafkaUnavailableError: Kafka refuses for good, as without the right to delete records.
        """
        below = self._below
        if not below:
            return
        try:
            await self._delete(below)
        except KafkaUnavailableError as error:
            if not _is_passing(error):
                raise
            logger.warning("Done records are kept until the next purge: %s", error)
            return
        self._below = {at: offset for at, offset in self._below.items() if below[at] != offset}

    async def _delete(self, below: Mapping[TopicPartition, int]) -> None:
        async with connected_admin(self._settings) as admin:
            await admin.delete_records(
                {at: RecordsToDelete(before_offset=offset) for at, offset in below.items()}
            )


def _is_passing(error: KafkaUnavailableError) -> bool:
    return isinstance(error.__cause__, KafkaError) and error.__cause__.retriable
