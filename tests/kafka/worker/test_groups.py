"""Workers share partitions, generation by generation, and nothing runs twice or not at all."""

import asyncio
from itertools import count, pairwise

import pytest
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import OffsetMetadataTooLargeError
from aiokafka.structs import OffsetAndMetadata

from joblog.processors.worker.errors import RebalancedError
from joblog.processors.worker.membership import Membership
from joblog.processors.worker.registry import Registry
from joblog.processors.worker.work_consumer import consumer_options, group_of
from joblog.schemas.models import AttemptLost, AttemptReleased, AttemptStarted, AttemptSucceeded
from joblog.streams.kafka import KafkaPublisher, ensure_topics
from joblog.streams.machine_clock import now_ms
from joblog.streams.settings import Settings
from joblog.streams.topics import TopicMap
from tests.kafka.running import Process, eventually
from tests.kafka.worker import jobs
from tests.kafka.worker.conftest import StartProcess
from tests.kafka.worker.running import (
    LANE,
    Feeder,
    Follower,
    Ledger,
    committed,
    make_worker,
    members_of,
)

SECONDS = 30.0
MOST_WAITING = 500
"""Jobs that wait while a worker comes: on a slow machine more would be fed than can be run in time."""


async def test_workers_that_come_and_go_run_everything_once(
    feeder: Feeder,
    events: Follower,
    ledger: Ledger,
    start_process: StartProcess,
) -> None:
    rounds = count()
    fed: list[str] = []

    async def start() -> Process:
        process = await start_process(JOBLOG_WORKER__CONCURRENCY="5")

        async def runs_jobs() -> bool:
            if len(fed) - len(ledger.jobs("ran")) < MOST_WAITING:
                fed.extend(await feeder.jobs("note", 100, f"round-{next(rounds)}"))
            return process.process.pid in {line.pid for line in ledger.lines}

        await eventually(runs_jobs)
        return process

    processes = [await start(), await start()]
    for _ in range(2):
        fed.extend(await feeder.jobs("note", 500, f"round-{next(rounds)}"))
        assert await processes.pop(0).stop() == 0
        processes.append(await start())
    await events.until(
        lambda: len(events.of(AttemptSucceeded)) + len(events.of(AttemptReleased)) >= len(fed)
    )
    for process in processes:
        assert await process.stop() == 0
    await events.until_caught_up()
    ran, released = events.jobs(AttemptSucceeded), events.jobs(AttemptReleased)
    assert sorted([*ran, *released]) == sorted(fed)
    assert sorted(ledger.jobs("ran")) == sorted(ran)
    assert {event.reason for event in events.of(AttemptReleased)} <= {"rebalance"}
    rebalances, members, slots, ahead = 5, 2, 5, 2
    assert len(released) <= rebalances * members * (slots + ahead)
    assert events.of(AttemptLost) == []


async def test_what_runs_through_a_rebalance_keeps_its_lease_and_ends_where_it_began(
    settings: Settings,
    feeder: Feeder,
    events: Follower,
    ledger: Ledger,
    start_process: StartProcess,
) -> None:
    first = await start_process()
    jobs = await feeder.jobs("gate", 6)
    await ledger.has("began", 6)
    second = await start_process()

    async def both() -> bool:
        return await members_of(settings) == 2

    await eventually(both)
    await events.until(lambda: len(events.of(AttemptStarted)) == 6)
    more = await feeder.jobs("note", 50, "more")
    await events.until(lambda: len(events.of(AttemptSucceeded)) == 50)
    ledger.open_gate()
    await events.until(lambda: len(events.of(AttemptSucceeded)) == 56)
    assert await first.stop() == 0
    assert await second.stop() == 0
    await events.until_caught_up()
    assert sorted(events.jobs(AttemptSucceeded)) == sorted([*jobs, *more])
    assert sorted(events.jobs(AttemptStarted)) == sorted(jobs)
    assert events.of(AttemptLost) == []
    assert events.of(AttemptReleased) == []
    assert sorted(ledger.jobs("began")) == sorted(jobs)
    assert {line.pid for line in ledger.lines if line.word == "began"} == {first.process.pid}


async def test_dispatches_that_come_again_are_dropped_by_whoever_reads_them(
    settings: Settings,
    feeder: Feeder,
    events: Follower,
    ledger: Ledger,
    start_process: StartProcess,
) -> None:
    dispatches = [feeder.dispatch("note", f"job-{n}") for n in range(100)]
    await feeder.feed(dispatches[:60])
    await feeder.feed(dispatches[30:60])
    first = await start_process()
    await events.until(lambda: len(events.of(AttemptSucceeded)) == 60)
    assert await first.stop() == 0
    await feeder.feed(dispatches[40:])
    second = await start_process()
    await events.until(lambda: len(events.of(AttemptSucceeded)) == 100)
    await feeder.feed([feeder.dispatch("note", "last")])
    await events.until(lambda: "last" in events.jobs(AttemptSucceeded))
    assert await second.stop() == 0
    await events.until_caught_up()
    assert len(ledger.jobs("ran")) == 101
    assert len(events.of(AttemptSucceeded)) == 101
    assert sum(offset for offset, _ in (await committed(settings)).values()) == 60 + 30 + 60 + 1


async def test_more_workers_than_partitions(
    settings: Settings, feeder: Feeder, events: Follower, start_process: StartProcess
) -> None:
    processes = [await start_process() for _ in range(3)]

    async def all_of_them() -> bool:
        return await members_of(settings) == 3

    await eventually(all_of_them)
    await feeder.jobs("note", 20)
    await events.until(lambda: len(events.of(AttemptSucceeded)) == 20)
    for process in processes:
        assert await process.stop() == 0
    await feeder.jobs("note", 5, "later")
    await start_process()
    await events.until(lambda: len(events.of(AttemptSucceeded)) == 25)


async def test_a_worker_serves_all_lanes_of_its_handlers(
    settings: Settings, ledger: Ledger
) -> None:
    with_lanes = settings.model_copy(
        update={"lanes": ("default", "fast", "slow"), "namespace": f"{settings.namespace}.lanes"}
    )
    await ensure_topics(with_lanes, now_ms())
    registry = Registry()
    registry.job("note")(jobs.note)
    registry.job("note.fast", lane="fast")(jobs.note)
    topics = TopicMap.of(with_lanes)
    async with KafkaPublisher(with_lanes) as own_publisher:
        feeder = Feeder(with_lanes, own_publisher, ledger)
        await feeder.jobs("note", 10, "default")
        fast = [feeder.record(feeder.dispatch("note.fast", f"fast-{n}")) for n in range(10)]
        await own_publisher.publish([one._replace(topic=topics.work("fast").name) for one in fast])
        worker = await make_worker(with_lanes, own_publisher, registry)
        running = asyncio.create_task(worker.run())
        await ledger.has("ran", 20)
        worker.stop()
        await running
    assert sorted(ledger.jobs("ran")) == sorted(
        f"{lane}-{n}" for lane in ("default", "fast") for n in range(10)
    )


async def test_a_worker_can_be_stopped_before_it_has_begun(
    settings: Settings, publisher: KafkaPublisher
) -> None:
    worker = await make_worker(settings, publisher)
    worker.stop()
    async with asyncio.timeout(SECONDS):
        await worker.run()
    assert not worker.ready
    assert await committed(settings) == {}


class Member(ConsumerRebalanceListener):
    """A bare member of the workers' group."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.consumer = AIOKafkaConsumer(**consumer_options(settings, LANE))
        self.memberships: list[Membership] = []
        self.assigned: set[TopicPartition] = set()

    async def join(self) -> None:
        await self.consumer.start()
        topic = TopicMap.of(self.settings).work(LANE).name
        self.consumer.subscribe([topic], listener=self)

    async def until_generations(self, number: int) -> None:
        async def reached() -> bool:
            return len(self.memberships) >= number

        await eventually(reached)

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        self.assigned -= revoked

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        self.memberships.append(Membership(self.consumer, group_of(self.settings, LANE), 5.0))
        self.assigned = assigned


async def test_a_commit_counts_in_its_own_generation_and_in_no_other(settings: Settings) -> None:
    at = TopicPartition(TopicMap.of(settings).work(LANE).name, 0)
    one, two = Member(settings), Member(settings)
    try:
        await one.join()
        await one.until_generations(1)
        first = one.memberships[0]
        await first.commit({at: OffsetAndMetadata(1, "first")})
        assert await first.committed([at]) == {at: OffsetAndMetadata(1, "first")}
        await two.join()
        await two.until_generations(1)
        await one.until_generations(2)
        with pytest.raises(RebalancedError) as caught:
            await first.commit({at: OffsetAndMetadata(9, "of an old generation")})
        assert caught.value.generation == first.generation
        for member in (one, two):
            newest = member.memberships[-1]
            assert newest.generation > first.generation
            assert await newest.committed([at]) == {at: OffsetAndMetadata(1, "first")}
        await one.memberships[-1].commit({at: OffsetAndMetadata(2, "second")})
        assert await two.memberships[-1].committed([at]) == {at: OffsetAndMetadata(2, "second")}
    finally:
        await one.consumer.stop()
        await two.consumer.stop()


async def test_a_member_that_has_left_commits_nothing_though_the_group_is_empty(
    settings: Settings,
) -> None:
    at = TopicPartition(TopicMap.of(settings).work(LANE).name, 0)
    one, reader = Member(settings), Member(settings)
    try:
        await one.join()
        await one.until_generations(1)
        left = one.memberships[0]
        coordinator = one.consumer._coordinator  # noqa: SLF001 - to leave without closing the consumer
        assert coordinator is not None
        one.consumer.unsubscribe()
        await coordinator.maybe_leave_group()

        async def empty() -> bool:
            return await members_of(settings) == 0

        await eventually(empty)
        with pytest.raises(RebalancedError):
            await left.commit({at: OffsetAndMetadata(9, "of nobody")})
        assert await left.committed([at]) == {}
    finally:
        await one.consumer.stop()
        await reader.consumer.stop()


async def test_a_commit_that_can_never_be_taken_is_not_repeated(settings: Settings) -> None:
    at = TopicPartition(TopicMap.of(settings).work(LANE).name, 0)
    one = Member(settings)
    try:
        await one.join()
        await one.until_generations(1)
        with pytest.raises(OffsetMetadataTooLargeError):
            await one.memberships[0].commit({at: OffsetAndMetadata(1, "x" * 5_000)})
    finally:
        await one.consumer.stop()


async def test_offsets_only_rise(
    settings: Settings, feeder: Feeder, start_process: StartProcess
) -> None:
    jobs = await feeder.jobs("note", 500)
    seen = []
    process = await start_process()

    async def done() -> bool:
        seen.append({number: offset for number, (offset, _) in (await committed(settings)).items()})
        return sum(seen[-1].values()) == len(jobs)

    await eventually(done)
    for before, after in pairwise(seen):
        assert all(after[number] >= offset for number, offset in before.items())
    assert await process.stop() == 0
