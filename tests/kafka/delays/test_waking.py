import random

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.structs import OffsetAndMetadata

from joblog.lifecycle.delays import TIERS, Tier
from joblog.processors.delays.backlog import Bounds
from joblog.processors.delays.consumer import group_of
from joblog.processors.delays.observer import Unobserved
from joblog.schemas.models import Cause, DelayElapsed, JobDeferred
from joblog.streams.kafka import KafkaPublisher, client_options
from joblog.streams.machine_clock import now_ms
from joblog.streams.settings import Settings
from joblog.streams.topics import TopicMap
from tests.kafka.delays.conftest import StartProcess
from tests.kafka.delays.running import (
    Follower,
    Scheduled,
    defer,
    delay_service,
    ends_of,
    record_of,
    served,
    starts_of,
)
from tests.kafka.running import eventually

HOUR, DAY = 3_600_000, 86_400_000
SMALLEST_RECORD = 200


async def test_random_due_times_are_met_and_never_early(
    settings: Settings, publisher: KafkaPublisher, events: Follower, start_process: StartProcess
) -> None:
    await start_process()
    await defer(publisher, settings, [Scheduled("first", now_ms())])
    await events.until(lambda: events.woken["first"])
    dice, start = random.Random(3), now_ms()
    jobs = [Scheduled(f"job-{i}", start + dice.randint(500, 6_000)) for i in range(4_000)]
    await defer(publisher, settings, jobs)
    await events.until(lambda: len(events.woken) > len(jobs))
    woken = [(record, event) for record, event in events.wake_ups if event.job_id != "first"]
    lateness = sorted(record.timestamp - event.due for record, event in woken)
    p50, p99 = lateness[len(lateness) // 2], lateness[len(lateness) * 99 // 100]
    print(f"lateness in ms: p50 {p50}, p99 {p99}, most {lateness[-1]}")  # noqa: T201 - a figure to watch
    assert lateness[0] >= 0
    assert p99 <= 2_000
    assert set(events.woken.values()) == {1}
    assert {event.job_id: event.due for _, event in woken} == dict(jobs)


async def test_a_wake_up_stands_where_the_jobs_events_are(
    settings: Settings, publisher: KafkaPublisher, events: Follower, start_process: StartProcess
) -> None:
    await start_process()
    due = now_ms() + 100
    topic = TopicMap.of(settings).delay(TIERS[0]).name
    event = JobDeferred(event_id="e", time=due - 100, job_id="job", due=due, correlation_id="c")
    await publisher.publish([record_of(topic, 1, event)])
    await events.until(lambda: events.wake_ups)
    record, woken = events.wake_ups[0]
    assert (record.partition, record.key) == (1, b"job")
    assert woken == DelayElapsed(
        event_id=f"{topic}-1-0",
        time=due,
        job_id="job",
        attempt=1,
        due=due,
        cause=Cause(topic=topic, partition=1, offset=0),
        correlation_id="c",
    )
    assert dict(record.headers)["ce_source"] == b"/joblog/delays"


async def test_long_delays_only_hop(
    settings: Settings, publisher: KafkaPublisher, events: Follower, start_process: StartProcess
) -> None:
    await start_process()
    topics, now = TopicMap.of(settings), now_ms()
    waits = [tier.wait_ms + HOUR // 60 for tier in TIERS[3:]] + [30 * DAY]
    wrong = [TIERS[0], TIERS[1]]
    await publisher.publish(
        [
            record_of(
                topics.delay(wrong[i % 2]).name,
                i % settings.partitions,
                JobDeferred(event_id="e", time=now, job_id=f"job-{i}", due=now + wait),
            )
            for i, wait in enumerate(waits)
        ]
    )
    await defer(publisher, settings, [Scheduled("short", now + 1_500)])
    await events.until(lambda: events.woken["short"])
    assert list(events.woken) == ["short"]
    arrived = await ends_of(settings)
    assert [arrived[tier.name] for tier in TIERS[3:]] == [1, 1, 1, 1, 1, 2]


async def test_thousands_wait_and_a_short_delay_is_met_within_bounded_memory(
    settings: Settings, publisher: KafkaPublisher, events: Follower
) -> None:
    seen = Memory()
    now = now_ms()
    await defer(publisher, settings, [Scheduled(f"long-{i}", now + 2 * DAY) for i in range(10_000)])
    async with served(await delay_service(settings, seen)):
        await defer(publisher, settings, [Scheduled("first", now)])
        await events.until(lambda: events.woken["first"])
        due = now_ms() + 1_200
        await defer(publisher, settings, [Scheduled("short", due)])
        await events.until(lambda: events.woken["short"])
    assert list(events.woken) == ["first", "short"]
    record, _ = events.wake_ups[-1]
    assert due <= record.timestamp <= due + 2_000
    fetched = settings.producer.batch_bytes // SMALLEST_RECORD
    read_ahead = Bounds.of(1, settings.partitions).read_ahead
    assert 0 < seen.most <= settings.partitions * (read_ahead + fetched) + 2


async def test_an_offset_of_a_topic_that_is_gone_says_nothing_about_the_one_that_is_there(
    settings: Settings, publisher: KafkaPublisher, events: Follower
) -> None:
    topic = TopicMap.of(settings).delay(TIERS[0]).name
    await defer(publisher, settings, [Scheduled(f"job-{i}", now_ms()) for i in range(50)])
    options = client_options(settings) | {"group_id": group_of(settings)}
    async with AIOKafkaConsumer(**options, enable_auto_commit=False) as consumer:
        for number in range(settings.partitions):
            at = TopicPartition(topic, number)
            consumer.assign([at])
            await consumer.commit({at: OffsetAndMetadata(10, "the topic before")})
    async with served(await delay_service(settings)):
        await events.until(lambda: len(events.woken) == 50)


async def test_what_is_done_is_deleted(
    settings: Settings, publisher: KafkaPublisher, events: Follower
) -> None:
    topic = TopicMap.of(settings).delay(TIERS[0]).name
    jobs = [Scheduled(f"job-{i}", now_ms() + 100) for i in range(100)]
    await defer(publisher, settings, jobs)
    ends = (await ends_of(settings))["now"]
    purging = settings.model_copy(update={"purge_interval_ms": 100})
    async with served(await delay_service(purging)):
        await events.until(lambda: len(events.woken) == len(jobs))
        await eventually(lambda: is_empty(settings, topic, ends))


async def is_empty(settings: Settings, topic: str, ends: int) -> bool:
    return sum(await starts_of(settings, topic)) == ends


async def test_clocks_that_differ_do_not_make_a_job_go_round_in_circles(
    settings: Settings, publisher: KafkaPublisher, events: Follower
) -> None:
    ahead = 400
    start = now_ms()
    jobs = [Scheduled(f"job-{i}", start + 1_500 + 20 * i) for i in range(100)]
    service = await delay_service(settings, clock=lambda: now_ms() + ahead)
    async with served(service):
        await defer(publisher, settings, jobs)
        gate = Gate(settings, publisher, events)
        await gate.until_open_for({job.job_id for job in jobs})
    early = len(events.wake_ups) - len(jobs)
    assert 1 <= early <= settings.partitions * 3
    assert max(events.woken.values()) == 2


class Memory(Unobserved):
    """Sees how much is in memory at most."""

    def __init__(self) -> None:
        self.most = 0

    def waiting(self, records: int) -> None:
        self.most = max(self.most, records)

    def hopped(self, tier: Tier) -> None:
        raise AssertionError(f"nothing hops here, but to {tier}")


class Gate:
    """The scheduler's: lets through what is due in log time, and sends the rest back."""

    def __init__(self, settings: Settings, publisher: KafkaPublisher, events: Follower) -> None:
        self._settings = settings
        self._publisher = publisher
        self._events = events
        self._judged = 0

    async def until_open_for(self, jobs: set[str]) -> None:
        through: set[str] = set()
        topic = TopicMap.of(self._settings).delay(TIERS[0]).name
        while through < jobs:
            await self._events.until(lambda: len(self._events.wake_ups) > self._judged)
            for record, event in self._events.wake_ups[self._judged :]:
                self._judged += 1
                if record.timestamp >= event.due:
                    through.add(event.job_id)
                    continue
                again = JobDeferred(
                    event_id=f"{record.partition}-{record.offset}",
                    time=record.timestamp,
                    job_id=event.job_id,
                    due=event.due,
                    cause=Cause(
                        topic=record.topic, partition=record.partition, offset=record.offset
                    ),
                )
                await self._publisher.publish([record_of(topic, record.partition, again)])
