"""Partitions move between processes; nobody waits longer than needed, and nobody acts for another."""

import asyncio
import signal
import time
from collections.abc import Iterable

import pytest

from tests.kafka.faust_app.conftest import PARTITIONS, StartScheduler
from tests.kafka.faust_app.running import Log, SchedulerProcess

ALL = frozenset(range(PARTITIONS))
SESSION_SECONDS = 1.5
LONG_SESSION = {
    "JOBLOG_SESSION_TIMEOUT_MS": "25000",
    "JOBLOG_HEARTBEAT_INTERVAL_MS": "300",
}


async def append_everywhere(log: Log, value: bytes) -> None:
    for partition in ALL:
        await log.append(partition, value)


async def read_all(scheduler: SchedulerProcess, partitions: Iterable[int], last: int) -> None:
    for partition in partitions:
        await scheduler.reads(partition, last)


async def share(first: SchedulerProcess, second: SchedulerProcess) -> None:
    """Wait until each of the two has half of the partitions."""
    await second.until(lambda: len(second.owned) == PARTITIONS // 2)
    await first.owns(ALL - second.owned)


async def test_a_stopped_scheduler_leaves_the_group_at_once(
    log: Log, start_scheduler: StartScheduler
) -> None:
    first = await start_scheduler(**LONG_SESSION)
    await append_everywhere(log, b"0")
    await read_all(first, ALL, 0)
    second = await start_scheduler(**LONG_SESSION)
    await share(first, second)
    begun = time.monotonic()
    assert await first.stop() == 0
    await append_everywhere(log, b"1")
    await read_all(second, ALL, 1)
    assert time.monotonic() - begun < 5, "long before the session of the first would have ended"
    assert first.seen(kind="ended")
    assert [second.offsets(partition) for partition in ALL] == [[1]] * PARTITIONS


async def test_a_rebalance_that_hangs_does_not_keep_a_scheduler_from_stopping(
    start_scheduler: StartScheduler,
) -> None:
    first, second = await start_scheduler(**LONG_SESSION), await start_scheduler(**LONG_SESSION)
    await share(first, second)
    newest = max(report["generation"] for report in first.seen(kind="open"))
    second.process.send_signal(signal.SIGSTOP)
    third = await start_scheduler(**LONG_SESSION)
    await first.sees(kind="close", generation=newest)
    begun = time.monotonic()
    assert await first.stop() == 0, first.errors
    assert time.monotonic() - begun < 10, "long before the session of the second ends"
    assert "the group could not be left" in first.errors
    assert third.owned == set()


async def test_the_partitions_of_a_killed_scheduler_are_taken_over(
    log: Log, start_scheduler: StartScheduler
) -> None:
    first, second = await start_scheduler(), await start_scheduler()
    await share(first, second)
    await append_everywhere(log, b"0")
    await read_all(first, first.owned, 0)
    await read_all(second, second.owned, 0)
    begun = time.monotonic()
    first.process.send_signal(signal.SIGKILL)
    await append_everywhere(log, b"1")
    await read_all(second, ALL, 1)
    assert time.monotonic() - begun < 4 * SESSION_SECONDS
    for partition in first.owned:
        assert second.offsets(partition) in ([1], [0, 1])  # whether its state was kept or not


async def test_a_stopped_zombie_gives_up_and_joins_again(
    log: Log, start_scheduler: StartScheduler
) -> None:
    zombie = await start_scheduler()
    await append_everywhere(log, b"0")
    await read_all(zombie, ALL, 0)
    zombie.process.send_signal(signal.SIGSTOP)
    other = await start_scheduler()
    await other.owns(ALL)
    zombie.process.send_signal(signal.SIGCONT)
    await zombie.until(lambda: len(zombie.seen(kind="close", generation=0)) == PARTITIONS)
    await share(other, zombie)
    await append_everywhere(log, b"1")
    for scheduler in (zombie, other):
        await read_all(scheduler, scheduler.owned, 1)


async def test_only_what_has_to_move_moves(start_scheduler: StartScheduler) -> None:
    first = await start_scheduler()
    await first.owns(ALL)
    second = await start_scheduler()
    await share(first, second)
    had = first.owned, second.owned
    third = await start_scheduler()
    await third.until(lambda: len(third.owned) == 1)
    await first.owns(had[0] - third.owned)
    await second.owns(had[1] - third.owned)


async def test_a_late_acknowledgement_of_an_older_generation_is_refused(
    log: Log, start_scheduler: StartScheduler
) -> None:
    first = await start_scheduler(HOLD="acknowledge")
    for partition in ALL:
        await log.append(partition, *[b"value"] * 100)
    await read_all(first, ALL, 99)
    second = await start_scheduler(HOLD="acknowledge")
    await share(first, second)
    kept = min(first.owned)
    await first.until(lambda: 99 in first.offsets(kept, generation=1))
    for partition in ALL:
        await first.tell(acknowledge=[0, partition, 99])
    await first.tell(acknowledge=[1, kept, 49])
    assert await first.stop() == 0
    assert await log.committed() == {kept: 50}
    assert f"offset 99 of partition {kept} is not acknowledged" in first.errors


async def test_members_survive_a_long_recovery(log: Log, start_scheduler: StartScheduler) -> None:
    everything = ",".join(f"open {partition}" for partition in ALL)
    first = await start_scheduler(HOLD=everything)
    await first.until(lambda: len(first.seen(kind="held")) == PARTITIONS)
    second = await start_scheduler(HOLD=everything)
    await share(first, second)
    assert len(first.seen(kind="close", generation=0)) == PARTITIONS, "cancelled while it opened"
    await second.never(
        lambda: second.seen(kind="close") or first.seen(kind="close", generation=1),
        within=2 * SESSION_SECONDS,
    )
    await append_everywhere(log, b"0")
    for scheduler in (first, second):
        for partition in scheduler.owned:
            await scheduler.tell(release=f"open {partition}")
        await read_all(scheduler, scheduler.owned, 0)


@pytest.mark.parametrize("partitions", [1])
async def test_a_spare_takes_over(log: Log, start_scheduler: StartScheduler) -> None:
    schedulers = {await start_scheduler(), await start_scheduler()}
    await log.append(0, b"0")
    reading = {asyncio.create_task(each.reads(0, 0)): each for each in schedulers}
    (done, *_), waiting = await asyncio.wait(reading, return_when=asyncio.FIRST_COMPLETED)
    for task in waiting:
        task.cancel()
    await reading[done].kill()
    (spare,) = schedulers - {reading[done]}
    last = await log.append(0, b"1")
    await spare.reads(0, last)
