import asyncio
from collections.abc import Callable, Sequence

import pytest

from joblog.lifecycle.delays import TIERS, Tier
from joblog.processors.delays.backlog import Bounds
from joblog.processors.delays.observer import Unobserved
from joblog.processors.delays.outbound import Addresses
from joblog.processors.delays.partition import DelayPartition, Shared
from joblog.schemas.codec import Codec
from joblog.schemas.models import JobDeferred
from joblog.streams.errors import PublishError
from joblog.streams.records import Inbound, Outbound, Position
from joblog.streams.settings import Settings
from joblog.streams.topics import TopicMap

CODEC = Codec()
TOPICS = TopicMap.of(Settings(namespace="t", partitions=1))
NOW, SECOND = TIERS[:2]
EPOCH = 1_767_225_600_000
HOUR = 3_600_000
READ_AHEAD = 200
HELD = 10


class Topics:
    """Takes what is published once it is allowed to, and notes which tiers are read."""

    def __init__(self) -> None:
        self.published: list[Outbound] = []
        self.paused: set[Tier] = set()
        self.error: Exception | None = None
        self.acknowledging = asyncio.Event()
        self.asked = asyncio.Event()
        self.resumed = asyncio.Event()

    async def publish(self, records: Sequence[Outbound]) -> Sequence[Position]:
        self.asked.set()
        await self.acknowledging.wait()
        if self.error is not None:
            raise self.error
        start = len(self.published)
        self.published += records
        return [Position(0, start + i) for i in range(len(records))]

    def pause(self, tier: Tier, partition: int) -> None:
        assert partition == 0
        self.paused.add(tier)

    def resume(self, tier: Tier, partition: int) -> None:
        assert partition == 0
        self.paused.remove(tier)
        self.resumed.set()


@pytest.fixture
def topics() -> Topics:
    return Topics()


@pytest.fixture
def partition(topics: Topics) -> DelayPartition:
    return make(topics, lambda: EPOCH)


def make(topics: Topics, clock: Callable[[], int]) -> DelayPartition:
    addresses = Addresses(TOPICS, CODEC)
    shared = Shared(topics, addresses, CODEC, topics, clock, Unobserved())
    return DelayPartition(0, Bounds(HELD, READ_AHEAD), shared)


def records(count: int, *, due: int, timestamp: int) -> list[Inbound]:
    value = CODEC.encode(JobDeferred(event_id="e", time=timestamp, job_id="job", due=due))
    return [Inbound("t.delay.1s", 0, i, timestamp, b"job", value) for i in range(count)]


async def test_nothing_is_done_before_it_is_acknowledged(
    topics: Topics, partition: DelayPartition
) -> None:
    partition.add(NOW, records(2, due=EPOCH, timestamp=EPOCH))
    running = asyncio.create_task(partition.run())
    await topics.asked.wait()
    assert partition.committable() == {}
    partition.close()
    topics.acknowledging.set()
    await running
    assert partition.committable() == {NOW: 2}
    assert partition.records == 0


async def test_closing_lets_what_was_begun_end_and_begins_nothing_more(
    topics: Topics, partition: DelayPartition
) -> None:
    partition.add(NOW, records(1, due=EPOCH, timestamp=EPOCH))
    running = asyncio.create_task(partition.run())
    await topics.asked.wait()
    partition.add(SECOND, records(1, due=EPOCH, timestamp=EPOCH))
    partition.close()
    topics.acknowledging.set()
    await running
    assert len(topics.published) == 1
    assert partition.committable() == {NOW: 1}


async def test_a_failed_publish_ends_it_and_nothing_is_done(
    topics: Topics, partition: DelayPartition
) -> None:
    topics.error = PublishError(["t.events"], 1, "no")
    topics.acknowledging.set()
    partition.add(NOW, records(1, due=EPOCH, timestamp=EPOCH))
    with pytest.raises(PublishError):
        await partition.run()
    assert partition.committable() == {}


async def test_reading_pauses_when_enough_waits_and_goes_on_later(topics: Topics) -> None:
    now = [EPOCH]
    partition = make(topics, lambda: now[0])
    topics.acknowledging.set()
    partition.add(SECOND, records(READ_AHEAD, due=EPOCH + HOUR, timestamp=EPOCH))
    assert topics.paused == {SECOND}
    now[0] += 1_000
    running = asyncio.create_task(partition.run())
    await topics.resumed.wait()
    assert topics.paused == set()
    partition.close()
    await running
    assert {record.topic for record in topics.published} == {"t.delay.10m"}


async def test_after_closing_no_reading_goes_on(topics: Topics) -> None:
    partition = make(topics, lambda: EPOCH + 1_000)
    partition.add(SECOND, records(READ_AHEAD, due=EPOCH + HOUR, timestamp=EPOCH))
    running = asyncio.create_task(partition.run())
    await topics.asked.wait()
    partition.close()
    topics.acknowledging.set()
    await running
    assert topics.paused == {SECOND}


async def test_the_now_tier_pauses_once_no_more_due_times_can_be_held(topics: Topics) -> None:
    partition = make(topics, lambda: EPOCH)
    waiting = READ_AHEAD + HELD
    partition.add(NOW, records(waiting - 1, due=EPOCH + 900, timestamp=EPOCH))
    assert topics.paused == set()
    late = records(waiting, due=EPOCH + 900, timestamp=EPOCH)[-1:]
    partition.add(NOW, late)
    assert topics.paused == {NOW}
    assert partition.records == waiting
