"""Whatever fails ends the process with a reason, and nothing more is committed."""

import time

import pytest

from tests.kafka.faust_app.conftest import StartScheduler
from tests.kafka.faust_app.running import Log


async def test_what_an_owner_raises_on_is_not_committed(
    log: Log, start_scheduler: StartScheduler
) -> None:
    await log.append(0, b"well")
    scheduler = await start_scheduler()
    await scheduler.reads(0, 0)
    while await log.committed() != {0: 1}:
        assert scheduler.process.returncode is None, scheduler.errors
    await scheduler.tell(**{"raise": "process 0"})
    await log.append(0, b"ill")
    assert await scheduler.ends() == 1
    assert "partition 0 failed, the process ends: told to raise in process 0" in scheduler.errors
    assert scheduler.offsets(0) == [0, 1]
    assert await log.committed() == {0: 1}


@pytest.mark.parametrize("what", ["open 2", "close 2"])
async def test_an_owner_that_raises_elsewhere_ends_the_process(
    log: Log, start_scheduler: StartScheduler, what: str
) -> None:
    scheduler = await start_scheduler(RAISE=what)
    if what.startswith("close"):
        await log.append(2, b"value")
        await scheduler.reads(2, 0)
        scheduler.process.terminate()
    assert await scheduler.ends() == 1
    assert f"told to raise in {what}" in scheduler.errors


@pytest.mark.parametrize("what", ["process 0", "close 0"])
async def test_an_owner_that_hangs_when_partitions_are_revoked_ends_the_process(
    log: Log, start_scheduler: StartScheduler, what: str
) -> None:
    await log.append(0, b"value")
    first = await start_scheduler(HOLD=what, JOBLOG_SCHEDULER__REVOKE_WAIT_MS="500")
    await first.reads(0, 0)
    second = await start_scheduler()
    assert await first.ends() == 1
    assert "were not closed within 0.5 s" in first.errors
    last = await log.append(0, b"value")
    await second.reads(0, last)


async def test_an_owner_that_hangs_on_sigterm_ends_within_the_grace(
    log: Log, start_scheduler: StartScheduler
) -> None:
    await log.append(0, b"value")
    scheduler = await start_scheduler(HOLD="process 0", JOBLOG_SCHEDULER__SHUTDOWN_GRACE_MS="500")
    await scheduler.sees(kind="held")
    begun = time.monotonic()
    assert await scheduler.stop() == 1
    assert time.monotonic() - begun < 5
    assert "were not closed within 0.5 s" in scheduler.errors
    assert await log.committed() == {}


async def test_an_event_loop_that_stands_still_ends_soon_after_the_grace(
    log: Log, start_scheduler: StartScheduler
) -> None:
    scheduler = await start_scheduler(BLOCK="close 0", JOBLOG_SCHEDULER__SHUTDOWN_GRACE_MS="500")
    await log.append(0, b"value")
    await scheduler.reads(0, 0)
    begun = time.monotonic()
    assert await scheduler.stop() == 1
    assert time.monotonic() - begun < 10
    assert "not ended within" in scheduler.errors


async def test_an_owner_may_finish_its_batch_on_sigterm(
    log: Log, start_scheduler: StartScheduler
) -> None:
    await log.append(0, b"value")
    scheduler = await start_scheduler(HOLD="process 0")
    await scheduler.sees(kind="held")
    await log.append(0, b"waits and is dropped")
    scheduler.process.terminate()
    await scheduler.sees(kind="close", partition=1)
    await scheduler.tell(release="process 0")
    assert await scheduler.ends() == 0
    assert scheduler.offsets(0) == [0]
    assert await log.committed() == {0: 1}


async def test_without_a_broker_the_process_ends(start_scheduler: StartScheduler) -> None:
    scheduler = await start_scheduler(JOBLOG_BOOTSTRAP_SERVERS="127.0.0.1:1")
    assert await scheduler.ends() == 1
    assert "127.0.0.1:1" in scheduler.errors


async def test_sigterm_before_the_first_partitions_ends_the_process(
    start_scheduler: StartScheduler,
) -> None:
    scheduler = await start_scheduler(
        HOLD="open 0,open 1,open 2,open 3", JOBLOG_SCHEDULER__SHUTDOWN_GRACE_MS="2000"
    )
    await scheduler.sees(kind="held")
    assert await scheduler.stop() == 0


async def test_a_session_that_the_broker_refuses_ends_the_process(
    start_scheduler: StartScheduler,
) -> None:
    scheduler = await start_scheduler(
        JOBLOG_SESSION_TIMEOUT_MS="500", JOBLOG_HEARTBEAT_INTERVAL_MS="100"
    )
    assert await scheduler.ends() == 1
    assert "InvalidSessionTimeoutError" in scheduler.errors
