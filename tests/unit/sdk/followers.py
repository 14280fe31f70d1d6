"""Stand in for what follows the config topic: say what the test says, and fail when it does."""

import asyncio
from collections.abc import AsyncIterator

from aiokafka.errors import KafkaConnectionError

from joblog.schemas.codec import Codec
from joblog.schemas.models import OwnerAnnounced
from joblog.streams.records import Inbound
from joblog.streams.settings import Settings

TOPIC = "joblog.config"


class FakeFollower:
    """Is caught up at once, unless Kafka is away; then it fails as one that cannot connect."""

    def __init__(self, kafka: "FakeKafka") -> None:
        self.caught_up = asyncio.Event()
        self._kafka = kafka

    async def records(self) -> AsyncIterator[Inbound]:
        if not self._kafka.is_there:
            raise KafkaConnectionError("no broker")
        for url in self._kafka.owners:
            yield owner_record(url)
        self.caught_up.set()
        await self._kafka.gone.wait()
        raise KafkaConnectionError("the broker is gone")


class FakeKafka:
    """What all followers follow."""

    def __init__(self) -> None:
        self.is_there = True
        self.owners: list[str] = []
        self.followers: list[FakeFollower] = []
        self.gone = asyncio.Event()

    def follow(self, _settings: Settings, _topic: str) -> FakeFollower:
        self.followers.append(FakeFollower(self))
        return self.followers[-1]

    def go(self) -> None:
        """Let all followers fail, and those that come."""
        self.is_there = False
        self.gone.set()

    def come_back(self) -> None:
        self.is_there = True
        self.gone = asyncio.Event()


def owner_record(url: str) -> Inbound:
    event = OwnerAnnounced(event_id="o", time=1, partition=0, url=url, epoch=1)
    return Inbound(TOPIC, 0, 0, 1, b"owner/0", Codec().encode(event), ())
