"""A worker that is told to stop finishes or hands back what runs, and leaves."""

import asyncio
import os

import pytest

from joblog.schemas.models import (
    AttemptLost,
    AttemptReleased,
    AttemptStarted,
    AttemptSucceeded,
)
from joblog.streams.settings import Settings
from tests.kafka.worker.conftest import StartProcess
from tests.kafka.worker.running import Feeder, Follower, Ledger, committed, members_of

DEFAULT_GRACE = Settings().worker.shutdown_grace_ms / 1_000
"""Seconds; a worker that did not heed its own setting would take as long."""


@pytest.mark.parametrize("type_", ["gate", "gate.thread", "gate.process"])
async def test_after_sigterm_it_hands_back_what_does_not_end_in_time(
    feeder: Feeder, events: Follower, ledger: Ledger, start_process: StartProcess, type_: str
) -> None:
    process = await start_process(
        JOBLOG_WORKER__SHUTDOWN_GRACE_MS="1000", JOBLOG_WORKER__PROCESSES="3"
    )
    jobs = await feeder.jobs(type_, 3)
    await ledger.has("began", 3)
    asked_at = asyncio.get_running_loop().time()
    process.process.terminate()
    await events.until(lambda: len(events.of(AttemptReleased)) == 3)
    assert 1 <= asyncio.get_running_loop().time() - asked_at < DEFAULT_GRACE
    assert await process.ends() == 0
    await events.until_caught_up()
    assert sorted(events.jobs(AttemptStarted)) == sorted(jobs)
    released = events.of(AttemptReleased)
    assert sorted(event.job_id for event in released) == sorted(jobs)
    assert {event.reason for event in released} == {"shutdown"}
    assert await members_of(feeder.settings) == 0
    assert all(claim.states == b"" for _, claim in (await committed(feeder.settings)).values())
    for line in ledger.lines:
        with pytest.raises(ProcessLookupError):
            os.kill(line.pid, 0)


async def test_after_sigterm_it_finishes_what_ends_in_time_and_begins_nothing(
    feeder: Feeder, events: Follower, ledger: Ledger, start_process: StartProcess
) -> None:
    process = await start_process(JOBLOG_WORKER__CONCURRENCY="3")
    await feeder.jobs("gate", 10)
    await ledger.has("began", 3)
    began = ledger.jobs("began")
    process.process.terminate()
    await events.until(lambda: len(events.of(AttemptStarted)) == 3)
    second = await start_process()
    await ledger.has("began", 10)
    assert process.process.returncode is None
    ledger.open_gate()
    assert await process.ends() == 0
    await events.until(lambda: len(events.of(AttemptSucceeded)) == 10)
    assert await second.stop() == 0
    first_pid = process.process.pid
    assert {line.job_id for line in ledger.lines if line.pid == first_pid} == set(began)
    assert events.of(AttemptReleased) == []
    assert events.of(AttemptLost) == []


async def test_a_handler_that_catches_every_cancellation_does_not_keep_it(
    feeder: Feeder, events: Follower, ledger: Ledger, start_process: StartProcess
) -> None:
    process = await start_process(JOBLOG_WORKER__SHUTDOWN_GRACE_MS="100")
    await feeder.jobs("cling", 1)
    await ledger.has("began", 1)
    assert await process.stop() == 0
    await events.until(lambda: events.of(AttemptReleased))
