import pytest

from joblog.lifecycle.delays import TIERS
from joblog.processors.delays import service
from joblog.processors.delays.service import DelayService
from joblog.streams.kafka import KafkaPublisher
from joblog.streams.machine_clock import now_ms
from joblog.streams.settings import Settings
from joblog.streams.topics import TopicMap
from tests.kafka.delays.running import (
    Follower,
    Scheduled,
    committed,
    defer,
    delay_service,
    served,
)
from tests.kafka.running import eventually

NEVER = 3_600.0


@pytest.fixture(autouse=True)
def no_regular_commits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "COMMIT_SECONDS", NEVER)


async def committed_now(settings: Settings) -> int:
    topic = TopicMap.of(settings).delay(TIERS[0]).name
    offsets = await committed(settings)
    return sum(offset for (name, _), offset in offsets.items() if name == topic)


async def test_stopping_commits_what_is_done(
    settings: Settings, publisher: KafkaPublisher, events: Follower
) -> None:
    async with served(await delay_service(settings)):
        await defer(publisher, settings, [Scheduled(f"job-{i}", now_ms()) for i in range(50)])
        await events.until(lambda: len(events.woken) == 50)
        assert await committed_now(settings) == 0
    assert await committed_now(settings) == 50


async def test_a_rebalance_commits_what_is_done_and_leaves_the_rest_to_the_next_owner(
    settings: Settings, publisher: KafkaPublisher, events: Follower
) -> None:
    first, second = [await delay_service(settings) for _ in range(2)]
    async with served(first):
        await defer(publisher, settings, [Scheduled(f"done-{i}", now_ms()) for i in range(50)])
        await events.until(lambda: len(events.woken) == 50)
        later = [Scheduled(f"later-{i}", now_ms() + 5_000) for i in range(50)]
        await defer(publisher, settings, later)
        async with served(second):
            await eventually(lambda: is_shared(first, second))
            assert await committed_now(settings) == 50
            await events.until(lambda: len(events.woken) == 100)
    assert set(events.woken.values()) == {1}
    assert all(record.timestamp >= event.due for record, event in events.wake_ups)


async def is_shared(first: DelayService, second: DelayService) -> bool:
    return first.ready and second.ready
