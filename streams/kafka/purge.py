"""Deletes what is done, since work and delay topics have no time limit."""

import asyncio
import logging
from collections.abc import Mapping
from typing import Final, NamedTuple, NoReturn

from aiokafka import TopicPartition
from aiokafka.admin import RecordsToDelete
from aiokafka.errors import KafkaError

from joblog.streams.errors import KafkaUnavailableError
from joblog.streams.kafka.admin import connected_admin
from joblog.streams.kafka.topic_metadata import topic_metadata
from joblog.streams.settings import Settings

MS_IN_A_SECOND: Final = 1_000

logger = logging.getLogger(__name__)


class Done(NamedTuple):
    """What is done of a partition: all below an offset, in the topic of that id."""

    topic_id: str
    offset: int


class Purge:
    """Remembers what was committed, and deletes the records below (DeleteRecords, KIP-107).

    Whoever holds a partition now: what is below an offset that was once committed is done for good.

    Args:
        settings: where Kafka is, and how often to delete.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._below: dict[TopicPartition, Done] = {}

    def committed(self, partition: TopicPartition, offset: int, topic_id: str) -> None:
        """Note that the group holds this offset of a topic, which has an id."""
        self._below[partition] = Done(topic_id, offset)

    async def run(self) -> NoReturn:
        """Delete regularly, until cancelled.

        Raises:
            KafkaUnavailableError: Kafka refuses for good, as without the right to delete records.
        """
        while True:
            await asyncio.sleep(self._settings.purge_interval_ms / MS_IN_A_SECOND)
            await self.delete_done()

    async def delete_done(self) -> None:
        """Delete what can be deleted now; what fails for a time is left to the next time.

        Raises:
            KafkaUnavailableError: Kafka refuses for good.
        """
        below, self._below = self._below, {}
        if not below:
            return
        try:
            await self._delete(below)
        except KafkaUnavailableError as error:
            if not _is_passing(error):
                raise
            logger.warning("Done records are kept until the next purge: %s", error)
            self._below = below | self._below

    async def _delete(self, below: Mapping[TopicPartition, Done]) -> None:
        async with connected_admin(self._settings) as admin:
            found = await topic_metadata(admin, sorted({topic for topic, _ in below}))
            ids = {name: str(topic.topic_id) for name, topic in found.items()}
            records = {
                at: RecordsToDelete(before_offset=done.offset)
                for at, done in below.items()
                if ids.get(at.topic) == done.topic_id  # in one made anew they are others
            }
            if records:
                await admin.delete_records(records)


def _is_passing(error: KafkaUnavailableError) -> bool:
    return isinstance(error.__cause__, KafkaError) and error.__cause__.retriable
