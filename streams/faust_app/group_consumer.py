"""aiokafka's consumer with what it does not show; Faust's driver reaches into it as well."""

import asyncio
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import CommitFailedError, IllegalStateError
from aiokafka.structs import ConsumerRecord, OffsetAndMetadata, TopicPartition

from joblog.streams.kafka.arrivals import arrival, hand_over_at_once
from joblog.streams.kafka.long_polls import hold_complete_fetches

Fetched = dict[TopicPartition, list[ConsumerRecord[Any, Any]]]


class GroupConsumer(AIOKafkaConsumer):
    """A member of a group that is told where to start, and commits in a given generation only.

    Args:
        options: keyword arguments of ``AIOKafkaConsumer``.
    """

    _coordinator: Any
    _fetcher: Any

    def __init__(self, options: Mapping[str, Any]) -> None:
        AIOKafkaConsumer.__init__(self, **options)
        self._begun: set[TopicPartition] = set()

    async def start(self) -> None:
        """Connect.

        Raises:
            KafkaError: no broker answers.
        """
        await AIOKafkaConsumer.start(self)
        hand_over_at_once(self)
        hold_complete_fetches(self, self._have_all_begun)

    async def leave(self: AIOKafkaConsumer) -> None:
        """Leave the group and disconnect; nothing is committed."""
        await self.stop()

    @property
    def generation(self) -> int:
        """The present generation; -1 if this member lost its place in the group."""
        return int(self._coordinator.generation)

    def start_generation(self) -> None:
        """Expect each partition to be begun anew."""
        self._begun.clear()

    def begin(self, partition: TopicPartition, position: int) -> None:
        """Fetch a partition from a position on; what was fetched of it before is dropped."""
        AIOKafkaConsumer.seek(self, partition, position)
        self._begun.add(partition)

    def hold(self: AIOKafkaConsumer, partition: TopicPartition) -> None:
        """Send no more fetches for a partition; what was fetched can still be taken."""
        self.pause(partition)

    def release(self: AIOKafkaConsumer, partition: TopicPartition) -> None:
        """Fetch a held partition again."""
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

    def end(self: AIOKafkaConsumer, partition: TopicPartition) -> int | None:
        """Return the end of what can be read, as the last fetch said; None before the first."""
        if partition not in self.assignment():
            return None
        end: int | None = self.last_stable_offset(partition)
        return end

    async def take(self, partitions: AbstractSet[TopicPartition]) -> Fetched:
        """Return what was fetched of the partitions; it lets no other task run meanwhile.

        Other than ``getmany``, which may wait, outlast a rebalance, and then take what was fetched
        for its next caller.

        Raises:
            KafkaError: fetching has failed for good.
        """
        with self._subscription.fetch_context():  # or it leaves the group, as one that is stuck
            if not partitions or self._subscription.reassignment_in_progress:
                return {}
            fetched: Fetched = await self._fetcher.fetched_records(partitions)
            return fetched

    async def arrival(self: AIOKafkaConsumer, timeout: float) -> None:
        """Wait until something was fetched, or for ``timeout`` seconds.

        Raises:
            KafkaError: the membership in the group has failed for good.
        """
        await arrival(self, timeout)

    def _have_all_begun(self) -> bool:
        assigned: frozenset[TopicPartition] = AIOKafkaConsumer.assignment(self)
        return self._begun >= assigned

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
