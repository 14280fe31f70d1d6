from collections.abc import Sequence
from functools import partial
from itertools import count

from joblog.client.announced import Announced
from joblog.processors.scheduler.ownership import AnnouncedOwner
from joblog.streams.records import Inbound, Outbound, Position
from joblog.streams.settings import Settings


class Owner:
    """Notes what it is asked to do."""

    def __init__(self, story: list[str]) -> None:
        self._story = story

    async def open(self, partition: int) -> int:
        self._story.append(f"open {partition}")
        return 40 + partition

    async def process(self, partition: int, records: Sequence[Inbound]) -> None:
        self._story.append(f"process {partition}: {len(records)}")

    async def close(self, partition: int) -> None:
        self._story.append(f"close {partition}")


class Config:
    """The config topic."""

    def __init__(self, story: list[str]) -> None:
        self._story = story
        self.records: list[Outbound] = []

    async def publish(self, records: Sequence[Outbound]) -> Sequence[Position]:
        self._story.append("announce")
        self.records += records
        return [Position(0, 0) for _ in records]


def follow(config: Config) -> Announced:
    """What a client knows that has read the config topic."""
    announced = Announced(Settings())
    for offset, record in enumerate(config.records):
        announced.learn(Inbound(record.topic, 0, offset, 1, record.key, record.value))
    return announced


async def test_a_partition_is_announced_once_it_is_open() -> None:
    story: list[str] = []
    config = Config(story)
    owner = AnnouncedOwner(Owner(story), config, "x.config", lambda: "http://a:1", lambda: 7)
    assert await owner.open(3) == 43
    await owner.process(3, [])
    await owner.close(3)

    assert story == ["open 3", "announce", "process 3: 0", "close 3"]
    assert [(record.topic, record.key) for record in config.records] == [("x.config", b"owner/3")]
    known = follow(config).owners[3]
    assert (known.url, known.epoch) == ("http://a:1", 7)


async def test_the_newest_announcement_counts_even_if_its_clock_is_behind() -> None:
    config = Config([])
    clock = count(1_000, -10)
    for url in ("http://a:1", "http://b:2"):
        serves = partial(str, url)
        owner = AnnouncedOwner(Owner([]), config, "x.config", serves, lambda: next(clock))
        await owner.open(0)
    assert follow(config).owners[0].url == "http://b:2"


async def test_who_serves_no_questions_announces_nothing() -> None:
    config = Config([])
    owner = AnnouncedOwner(Owner([]), config, "x.config", lambda: None, lambda: 7)
    assert await owner.open(0) == 40
    assert config.records == []
