"""A commit ends in time, whatever the coordinator does."""

import asyncio
from types import SimpleNamespace
from typing import cast

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import GroupCoordinatorNotAvailableError, KafkaTimeoutError
from aiokafka.structs import OffsetAndMetadata

from joblog.processors.worker.membership import Membership

SECONDS = 20.0
OFFSETS = {TopicPartition("work", 0): OffsetAndMetadata(1, "")}


class AwayCoordinator:
    """Is not found, however long one looks for it, as in aiokafka."""

    generation = 1
    member_id = "member"

    async def ensure_coordinator_known(self) -> None:
        await asyncio.Event().wait()


class MovingCoordinator(AwayCoordinator):
    """Is found, and refuses each time."""

    async def ensure_coordinator_known(self) -> None:
        """Know it."""

    async def _send_req(self, _: object) -> None:
        raise GroupCoordinatorNotAvailableError


@pytest.mark.parametrize("coordinator", [AwayCoordinator(), MovingCoordinator()])
async def test_a_commit_that_no_coordinator_takes_fails_after_its_timeout(
    coordinator: AwayCoordinator,
) -> None:
    consumer = cast("AIOKafkaConsumer", SimpleNamespace(_coordinator=coordinator))
    membership = Membership(consumer, "g", timeout=0.0)
    async with asyncio.timeout(SECONDS):
        with pytest.raises(KafkaTimeoutError, match="group 'g' took no commit within 0 s"):
            await membership.commit(OFFSETS)
