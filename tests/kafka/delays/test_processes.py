import random
import time
from functools import partial

from aiohttp import ClientSession

from joblog.processors.delays.consumer import group_of
from joblog.streams.broker.ports import free_port
from joblog.streams.kafka import KafkaPublisher, connected_admin
from joblog.streams.machine_clock import now_ms
from joblog.streams.settings import Settings
from joblog.streams.topics import TopicMap
from tests.kafka.delays.conftest import StartProcess
from tests.kafka.delays.running import Follower, Scheduled, committed, defer
from tests.kafka.groups import members_of
from tests.kafka.running import eventually


async def test_killed_in_mid_run_it_loses_nothing_and_repeats_only_what_is_not_committed(
    settings: Settings, publisher: KafkaPublisher, events: Follower, start_process: StartProcess
) -> None:
    dice, start = random.Random(5), now_ms()
    jobs = [Scheduled(f"job-{i}", start + dice.randint(50, 6_000)) for i in range(2_000)]
    await defer(publisher, settings, jobs)
    for share in (10, 3, 2):
        process = await start_process()
        await events.until(partial(has_woken, events, len(jobs) // share))
        await process.kill()
    positions = await committed(settings)
    await events.until_caught_up()
    before = len(events.records)
    process = await start_process()
    await defer(publisher, settings, [Scheduled("last", now_ms())])
    await events.until(lambda: len(events.woken) == len(jobs) + 1)
    assert await process.stop() == 0
    assert all(record.timestamp >= event.due for record, event in events.wake_ups)
    causes = [event.cause for _, event in events.wake_ups[before:] if event.cause is not None]
    assert causes
    assert all(cause.offset >= positions.get((cause.topic, cause.partition), 0) for cause in causes)


async def test_sigterm_commits_what_is_done_and_leaves_the_group(
    settings: Settings, publisher: KafkaPublisher, events: Follower, start_process: StartProcess
) -> None:
    process = await start_process()
    jobs = [Scheduled(f"job-{i}", now_ms() + 300) for i in range(500)]
    await defer(publisher, settings, jobs)
    await events.until(lambda: len(events.woken) == len(jobs))
    begun = time.monotonic()
    assert await process.stop() == 0
    assert time.monotonic() - begun < settings.delays.shutdown_grace_ms / 1_000
    assert await members_of(settings, group_of(settings)) == 0
    await start_process()
    await defer(publisher, settings, [Scheduled("last", now_ms())])
    await events.until(lambda: events.woken["last"])
    assert set(events.woken.values()) == {1}


async def test_two_share_the_partitions_and_one_takes_over_what_the_other_leaves(
    settings: Settings, publisher: KafkaPublisher, events: Follower, start_process: StartProcess
) -> None:
    first = await start_process()
    await start_process()
    await defer(publisher, settings, [Scheduled("before", now_ms())])
    await events.until(lambda: events.woken["before"])

    async def both_share() -> bool:
        return await members_of(settings, group_of(settings)) == 2

    await eventually(both_share)
    dice, start = random.Random(7), now_ms()
    jobs = [Scheduled(f"job-{i}", start + dice.randint(50, 6_000)) for i in range(1_000)]
    await defer(publisher, settings, jobs)
    await events.until(lambda: len(events.woken) >= 400)
    assert await both_share()
    await first.kill()
    await events.until(lambda: len(events.woken) == 1 + len(jobs))
    assert all(record.timestamp >= event.due for record, event in events.wake_ups)


async def test_a_failed_publish_ends_the_process_and_commits_nothing(
    settings: Settings, publisher: KafkaPublisher, events: Follower, start_process: StartProcess
) -> None:
    process = await start_process(
        JOBLOG_REQUEST_TIMEOUT_MS="1000", JOBLOG_PRODUCER__DELIVERY_TIMEOUT_MS="1000"
    )
    await defer(publisher, settings, [Scheduled("first", now_ms())])
    await events.until(lambda: events.woken["first"])
    await eventually(lambda: is_anything_committed(settings))
    before = await committed(settings)
    async with connected_admin(settings) as admin:
        await admin.delete_topics([TopicMap.of(settings).events.name])
    await defer(publisher, settings, [Scheduled(f"job-{i}", now_ms()) for i in range(10)])
    assert await process.ends() == 1
    assert await committed(settings) == before


async def test_it_serves_its_signals(
    settings: Settings, publisher: KafkaPublisher, events: Follower, start_process: StartProcess
) -> None:
    port = free_port()
    await start_process(JOBLOG_SIGNALS__DELAYS_PORT=str(port))
    await defer(publisher, settings, [Scheduled("job", now_ms())])
    await events.until(lambda: events.woken["job"])
    async with ClientSession(f"http://127.0.0.1:{port}") as session:
        for probe in ("/live", "/ready"):
            async with session.get(probe) as response:
                assert response.status == 200
        await eventually(lambda: shows(session, "joblog_wakeups_total 1.0"))


async def shows(session: ClientSession, line: str) -> bool:
    async with session.get("/metrics") as response:
        return line in await response.text()


async def is_anything_committed(settings: Settings) -> bool:
    return any((await committed(settings)).values())


def has_woken(events: Follower, jobs: int) -> bool:
    return len(events.woken) >= jobs
