"""A worker in one generation of its consumer group.

aiokafka stamps a commit with the generation that is current when it is sent, and after a rebalance that
is another than the one in which the records were fetched; without any membership it even sends a commit
that Kafka takes from anyone as long as the group is empty. A claim must never be committed like that. So
the request is made here, with the generation and member id that were given with the assignment; the
coordinator then refuses it in every other generation.
"""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import (
    GroupCoordinatorNotAvailableError,
    IllegalGenerationError,
    KafkaError,
    KafkaTimeoutError,
    NotCoordinatorForGroupError,
    RebalanceInProgressError,
    UnknownMemberIdError,
    for_code,
)
from aiokafka.protocol.commit import OffsetCommitRequest
from aiokafka.structs import OffsetAndMetadata

from joblog.processors.worker.errors import RebalancedError

RETRY_SECONDS: Final = 0.1

_OVER: Final = (IllegalGenerationError, RebalanceInProgressError, UnknownMemberIdError)
_MOVED: Final = (GroupCoordinatorNotAvailableError, NotCoordinatorForGroupError)


class Membership:
    """A member of a group, in the generation in which it was given its present partitions.

    Args:
        consumer: the consumer; its assignment has just been made.
        group: the consumer group.
        timeout: most seconds that a commit may take.
    """

    def __init__(self, consumer: AIOKafkaConsumer, group: str, timeout: float) -> None:
        coordinator: Any = consumer._coordinator  # noqa: SLF001 - no public way to name a generation
        self._coordinator = coordinator
        self._group = group
        self._timeout = timeout
        self.generation: int = coordinator.generation
        self._member_id: str = coordinator.member_id

    async def committed(
        self, partitions: list[TopicPartition]
    ) -> Mapping[TopicPartition, OffsetAndMetadata]:
        """Return what the group has committed for partitions, where it has, with its metadata.

        Raises:
            KafkaError: the coordinator refuses.
        """
        found: Mapping[
            TopicPartition, OffsetAndMetadata
        ] = await self._coordinator.fetch_committed_offsets(partitions)
        return found

    async def commit(self, offsets: Mapping[TopicPartition, OffsetAndMetadata]) -> None:
        """Commit offsets in this generation, and in no other.

        While the coordinator moves or is away the same request is repeated.

        Raises:
            RebalancedError: the generation is over; nothing was committed.
            KafkaError: the coordinator refuses, or was away for longer than the timeout; whether
                something was committed is then unknown.
        """
        try:
            async with asyncio.timeout(self._timeout):
                await self._send_until_taken(self._request(offsets))
        except TimeoutError as error:
            raise KafkaTimeoutError(
                f"the coordinator of group {self._group!r} took no commit within {self._timeout:g} s: "
                "see whether the brokers answer"
            ) from error

    async def _send_until_taken(self, request: OffsetCommitRequest) -> None:
        while True:
            try:
                self._check(await self._send(request))
            except KafkaError as error:
                if not error.retriable:
                    raise
                await asyncio.sleep(RETRY_SECONDS)
            else:
                return

    async def _send(self, request: OffsetCommitRequest) -> Any:  # noqa: ANN401 - aiokafka has no type for it
        await self._coordinator.ensure_coordinator_known()
        return await self._coordinator._send_req(request)  # noqa: SLF001 - as above

    def _request(self, offsets: Mapping[TopicPartition, OffsetAndMetadata]) -> OffsetCommitRequest:
        topics: dict[str, list[tuple[int, int, str]]] = {}
        for (topic, partition), (offset, metadata) in offsets.items():
            topics.setdefault(topic, []).append((partition, offset, metadata))
        return OffsetCommitRequest(
            self._group,
            self.generation,
            self._member_id,
            OffsetCommitRequest.DEFAULT_RETENTION_TIME,
            list(topics.items()),
        )

    def _check(self, response: Any) -> None:  # noqa: ANN401 - as above
        for _, partitions in response.topics:
            for _, code in partitions:
                if code:
                    self._raise(for_code(code))

    def _raise(self, kind: type[KafkaError]) -> None:
        if issubclass(kind, _OVER):
            if self._coordinator.generation == self.generation:
                self._coordinator.request_rejoin()
            raise RebalancedError(self._group, self.generation)
        if issubclass(kind, _MOVED):
            self._coordinator.coordinator_dead()
        raise kind(self._group)
