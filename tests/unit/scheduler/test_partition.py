"""What was decided is committed only if all its outputs were acknowledged."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from joblog.processors.scheduler.breaker import Breaker
from joblog.processors.scheduler.bulletin import Bulletin
from joblog.processors.scheduler.errors import OutputsUncertainError
from joblog.processors.scheduler.observer import Unobserved
from joblog.processors.scheduler.outbound import Addresses
from joblog.processors.scheduler.pacing import CommitPacing
from joblog.processors.scheduler.partition import (
    PartitionScheduler,
    Shared,
)
from joblog.schemas.models import TopicsAnnounced, TypeAnnounced
from joblog.streams.errors import PublishError
from joblog.streams.memory.store import MemoryChangelog, MemoryStore
from joblog.streams.records import Inbound
from joblog.streams.settings import Settings
from joblog.streams.store import STATE
from joblog.streams.topics import TopicMap
from tests.unit.lifecycle.partition_log import CODEC, START, PartitionLog
from tests.unit.worker.fakes import FakePublisher

SETTINGS = Settings(partitions=1, scheduler={"poison_run": 3})


class Lost(Unobserved):
    """Notes which topics are lost."""

    def __init__(self) -> None:
        self.topics: list[str] = []

    def lost(self, partition: int, topic: str) -> None:
        assert partition == 0
        self.topics.append(topic)


class Bench:
    """A partition whose log holds a job to dispatch, and whose publisher does as the test says."""

    def __init__(self) -> None:
        log = PartitionLog()
        log.announce("mail")
        log.submit("a")
        self.records = log.records
        self.changelog = MemoryChangelog()
        self.publisher = FakePublisher()
        self.bulletin = Bulletin(lambda: 0)
        self.acknowledged: list[int] = []
        self.lost = Lost()
        self.scheduler = self.successor()

    def successor(self) -> PartitionScheduler:
        """Return a scheduler that is not open yet."""
        shared = Shared(
            log_id="log",
            publisher=self.publisher,
            addresses=Addresses(TopicMap.of(SETTINGS)),
            bulletin=self.bulletin,
            pacing=CommitPacing(SETTINGS.scheduler),
            make_breaker=lambda: Breaker(SETTINGS.scheduler),
            clock=lambda: 0,
            acknowledge=lambda _, offset: self.acknowledged.append(offset),
            observer=self.lost,
        )
        return PartitionScheduler(0, MemoryStore(self.changelog, STATE), shared)

    async def held_cycle(self) -> asyncio.Task[None]:
        """Begin a cycle whose outputs are sent and not yet acknowledged."""
        self.publisher.acknowledging.clear()
        cycle = asyncio.create_task(self.scheduler.process(self.records))
        await self.publisher.called.wait()
        return cycle

    def record(self, offset: int, value: bytes) -> Inbound:
        return self.records[0]._replace(offset=offset, value=value)

    def nothing_is_durable(self) -> bool:
        return (self.changelog.entries, self.acknowledged) == ({}, [])


@pytest.fixture
async def bench() -> Bench:
    made = Bench()
    await made.scheduler.open()
    return made


async def failed(bench: Bench) -> None:
    """Let a cycle's outputs fail."""
    bench.publisher.failing = True
    with pytest.raises(PublishError):
        await bench.scheduler.process(bench.records)


async def test_a_commit_that_waits_while_outputs_fail_commits_nothing(bench: Bench) -> None:
    cycle = await bench.held_cycle()
    commit = asyncio.create_task(bench.scheduler.commit())
    bench.publisher.failing = True
    bench.publisher.acknowledging.set()
    with pytest.raises(PublishError):
        await cycle
    with pytest.raises(OutputsUncertainError, match="broken") as refused:
        await commit
    assert refused.value.partition == 0
    assert isinstance(refused.value.__cause__, PublishError)
    assert bench.nothing_is_durable()


async def test_a_commit_that_waits_while_the_cycle_is_cancelled_commits_nothing(
    bench: Bench,
) -> None:
    cycle = await bench.held_cycle()
    commit = asyncio.create_task(bench.scheduler.commit())
    cycle.cancel()
    with pytest.raises(asyncio.CancelledError):
        await cycle
    with pytest.raises(OutputsUncertainError, match="CancelledError"):
        await commit
    assert bench.nothing_is_durable()


async def test_nothing_of_a_batch_that_was_folded_in_part_is_committed(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    apply = bench.scheduler.fold.apply

    def broken_at_the_last(record: Inbound) -> object:
        if record is bench.records[-1]:
            raise ArithmeticError
        return apply(record)

    monkeypatch.setattr(bench.scheduler.fold, "apply", broken_at_the_last)
    with pytest.raises(ArithmeticError):
        await bench.scheduler.process(bench.records)
    with pytest.raises(OutputsUncertainError, match="ArithmeticError"):
        await bench.scheduler.commit()
    assert bench.nothing_is_durable()


async def test_nothing_is_committed_after_an_announcement_fails(bench: Bench) -> None:
    await bench.scheduler.process(bench.records)
    bench.publisher.failing = True
    bench.bulletin.declare(TypeAnnounced(event_id="t", time=0, version=2, type="mail"))
    with pytest.raises(PublishError):
        await bench.scheduler.tend()
    with pytest.raises(OutputsUncertainError):
        await bench.scheduler.commit()
    assert bench.nothing_is_durable()


@pytest.mark.parametrize(
    "use",
    [
        lambda bench: bench.scheduler.process(bench.records),
        lambda bench: bench.scheduler.finish(),
    ],
    ids=["process", "finish"],
)
async def test_after_a_failure_it_is_not_used(
    bench: Bench, use: Callable[[Bench], Awaitable[None]]
) -> None:
    await failed(bench)
    with pytest.raises(OutputsUncertainError):
        await use(bench)
    assert len(bench.publisher.calls) == 1
    assert bench.nothing_is_durable()


async def test_after_a_failure_it_closes_and_the_next_owner_sends_the_same(bench: Bench) -> None:
    await failed(bench)
    await bench.scheduler.close()
    bench.publisher.failing = False
    successor = bench.successor()
    assert await successor.open() == 0
    await successor.process(bench.records)
    first, second = bench.publisher.calls
    assert first == second
    await successor.finish()
    assert bench.acknowledged == [bench.records[-1].offset]


async def test_the_outputs_of_a_small_cycle_are_sent_in_the_turn_that_decides_them(
    bench: Bench,
) -> None:
    cycle = asyncio.create_task(bench.scheduler.process(bench.records))
    await asyncio.sleep(0)
    assert bench.publisher.names == ["JobDispatched"]
    await cycle


async def test_a_cycle_without_outputs_leaves_others_their_turn(bench: Bench) -> None:
    turns: list[str] = []
    asyncio.get_running_loop().call_soon(turns.append, "other")
    await bench.scheduler.process(bench.records[:-1])
    assert (bench.publisher.calls, turns) == ([], ["other"])


async def test_a_partition_stops_at_too_much_poison_and_commits_what_it_has_decided(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    poison = [bench.record(offset, b"no event") for offset in range(len(bench.records), 10)]
    await bench.scheduler.process([*bench.records, *poison])
    letters = [
        record for call in bench.publisher.calls for record in call if record.topic.endswith(".dlq")
    ]
    third = len(bench.records) + 2
    assert (len(letters), bench.scheduler.fold.offset) == (3, third)
    assert bench.scheduler.stopped is not None
    await bench.scheduler.process([bench.record(10, b"no event either")])
    await bench.scheduler.tend()
    assert bench.scheduler.fold.offset == third
    assert f"partition 0 has stopped after offset {third}: 3 records in a row" in caplog.text
    await bench.scheduler.finish()
    assert bench.acknowledged == [third]


async def test_who_takes_a_stopped_partition_over_goes_on_behind_what_is_decided(
    bench: Bench,
) -> None:
    first = len(bench.records)
    poison = [bench.record(offset, b"no event") for offset in range(first, first + 5)]
    await bench.scheduler.process([*bench.records, *poison])
    await bench.scheduler.finish()
    successor = bench.successor()
    assert await successor.open() == first + 3
    await successor.process(poison[3:])
    assert (successor.stopped, successor.fold.offset) == (None, first + 4)


async def test_a_partition_is_told_which_topics_there_are_and_says_loudly_that_one_is_another(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    await bench.scheduler.process(bench.records)
    for number in range(2):
        topics = {"work.default": f"id-{number}", "delay.1s": "id"}
        told = TopicsAnnounced(event_id=f"topics-{number}", time=number, topics=topics)
        bench.bulletin.declare(told)
        await bench.scheduler.tend()
        (copy,) = bench.publisher.calls[-1]
        assert CODEC.decode(copy.value or b"") == told
        offset = bench.scheduler.fold.offset + 1
        await bench.scheduler.process(
            [Inbound(copy.topic, 0, offset, START, copy.key, copy.value, ())]
        )
    assert bench.lost.topics == ["work.default"]
    assert "partition 0: work.default is not the topic that it was" in caplog.text
    assert bench.scheduler.fold.knowledge.topics == {"work.default": "id-1", "delay.1s": "id"}
