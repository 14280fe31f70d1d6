"""What becomes of those who wait for announcements when Kafka goes away, and when it is back."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from joblog import KafkaUnavailableError, Settings
from joblog.client.announced import Announced
from tests.unit.sdk.followers import FakeKafka

LONG = 60.0


@pytest.fixture
async def announced(kafka: FakeKafka) -> AsyncIterator[Announced]:
    kafka.owners = ["http://first"]
    announced = Announced(Settings())
    await announced.start()
    yield announced
    kafka.come_back()
    await announced.stop()


async def test_all_that_is_there_is_known_from_the_start(announced: Announced) -> None:
    assert announced.owners[0].url == "http://first"


async def test_whoever_waits_when_kafka_goes_away_is_told_at_once(
    announced: Announced, kafka: FakeKafka
) -> None:
    waiting = [asyncio.create_task(announced.news(LONG)) for _ in range(2)]
    await asyncio.sleep(0)  # they wait
    kafka.go()
    for one in waiting:
        with pytest.raises(KafkaUnavailableError, match="the broker is gone"):
            await one


async def test_once_kafka_is_back_it_is_followed_again(
    announced: Announced, kafka: FakeKafka, caplog: pytest.LogCaptureFixture
) -> None:
    kafka.go()
    with pytest.raises(KafkaUnavailableError):
        await announced.news(LONG)
    kafka.come_back()
    kafka.owners = ["http://second"]
    await announced.news(LONG)
    assert announced.owners[0].url == "http://second"
    assert len(kafka.followers) == 2
    assert "announcements are followed again, after" in caplog.text


async def test_while_kafka_is_away_each_who_asks_is_told(
    announced: Announced, kafka: FakeKafka
) -> None:
    kafka.go()
    for reason in ("the broker is gone", "no broker", "no broker"):
        with pytest.raises(KafkaUnavailableError, match=reason):
            await announced.news(LONG)


async def test_it_does_not_start_while_kafka_is_away(kafka: FakeKafka) -> None:
    kafka.go()
    announced = Announced(Settings())
    with pytest.raises(KafkaUnavailableError, match="no broker"):
        await announced.start()
    await announced.stop()
