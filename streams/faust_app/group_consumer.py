"""aiokafka's consumer with what it does not show; Faust's driver reaches into it as well."""

import asyncio
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import Any, Final

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import CommitFailedError, IllegalStateError
from aiokafka.structs import ConsumerRecord, OffsetAndMetadata, TopicPartition

Fetched = dict[TopicPartition, list[ConsumerRecord[Any, Any]]]

ANY_OFFSET: Final = 0


class GroupConsumer(AIOKafkaConsumer):
    """A member of a group that is told where to start, and commits in a given generation only.

    Args:
        options: keyword arguments of ``AIOKafkaConsumer``.
    """

    _coordinator: Any
    _fetcher: Any

    def __init__(self, options: Mapping[str, Any]) -> None:
        AIOKafkaConsumer.__init__(self, **options)

    @property
    def generation(self) -> int:
        """The present generation; -1 if this member lost its place in the group."""
        return int(self._coordinator.generation)

    def hold(self: AIOKafkaConsumer, partitions: Iterable[TopicPartition]) -> None:
        """Keep aiokafka from fetching new partitions where the group's offsets are."""
        for partition in partitions:
            self.pause(partition)
            self.seek(partition, ANY_OFFSET)  # or it asks for the group's, and fails without one

    def release(self: AIOKafkaConsumer, partition: TopicPartition, position: int) -> None:
        """Fetch a partition from a position on."""
        self.seek(partition, position)
        self.resume(partition)

    async def bounds(self: AIOKafkaConsumer, partition: TopicPartition) -> tuple[int, int]:
        """Return the first offset of a partition, and that of the next record it will take.

        Raises:
            KafkaError: no broker says.
        """
        starts, ends = await asyncio.gather(
            self.beginning_offsets([partition]), self.end_offsets([partition])
        )
        return starts[partition], ends[partition]

    async def fetch(self, partitions: AbstractSet[TopicPartition], timeout: float) -> Fetched:
        """Return all that was fetched of the partitions, or nothing after ``timeout`` seconds.

        Other than ``getmany`` it looks at the set again whenever records arrive.

        Raises:
            KafkaError: fetching has failed for good.
        """
        with self._subscription.fetch_context():
            fetched: Fetched = await self._fetcher.fetched_records(partitions, timeout=timeout)
            return fetched

    def show_life(self) -> None:
        """Tell that this process is alive even if it fetches nothing.

        Raises:
            KafkaError: the membership in the group has failed for good.
        """
        self._coordinator.check_errors()
        with self._subscription.fetch_context():
            pass

    async def commit_in(self, generation: int, offsets: dict[TopicPartition, int]) -> bool:
        """Commit offsets as a member of a generation.

        Returns:
            False if that generation is over: nothing was committed.

        Raises:
            KafkaError: the group does not take the commit.
        """
        if self.generation != generation:
            return False
        commits = {
            partition: OffsetAndMetadata(offset, "") for partition, offset in offsets.items()
        }
        try:
            await AIOKafkaConsumer.commit(self, commits)
        except (CommitFailedError, IllegalStateError):
            return False
        return True
