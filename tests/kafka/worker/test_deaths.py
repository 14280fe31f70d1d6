"""A worker that dies: its successor reports as lost what it had claimed and not finished, nothing else."""

import asyncio
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from joblog.processors.worker.claims import RecordState
from joblog.schemas.models import (
    AttemptFailed,
    AttemptLost,
    AttemptReleased,
    AttemptStarted,
    AttemptSucceeded,
)
from joblog.streams.broker import EmbeddedBroker
from joblog.streams.kafka import KafkaPublisher, ensure_topics
from joblog.streams.settings import Settings
from joblog.streams.topics import TopicMap
from tests.kafka.worker.conftest import StartProcess
from tests.kafka.worker.running import (
    Feeder,
    Follower,
    Ledger,
    Process,
    committed,
    eventually,
    members_of,
    now_ms,
)


def effective_losses(events: Follower) -> list[str]:
    """Return the jobs whose loss was reported when no outcome of them stood in the log."""
    ended, lost = set[str](), list[str]()
    for event in events.events:
        if isinstance(event, AttemptSucceeded | AttemptFailed):
            ended.add(event.job_id)
        elif isinstance(event, AttemptLost) and event.job_id not in ended:
            lost.append(event.job_id)
    return lost


async def test_what_a_killed_worker_had_begun_is_lost_and_what_waited_is_run(
    feeder: Feeder, events: Follower, ledger: Ledger, start_process: StartProcess
) -> None:
    first = await start_process(JOBLOG_WORKER__CONCURRENCY="10")
    done = await feeder.jobs("note", 20, "done")
    await events.until(lambda: len(events.of(AttemptSucceeded)) == 20)
    jobs = await feeder.jobs("gate", 25, "gate")
    await ledger.has("began", 10)
    await first.kill()
    begun = ledger.jobs("began")
    assert len(begun) == 10
    await start_process(JOBLOG_WORKER__CONCURRENCY="30")
    await events.until(lambda: len(events.of(AttemptLost)) >= 10)
    await ledger.has("began", 25)
    ledger.open_gate()
    await events.until(lambda: len(events.of(AttemptSucceeded)) >= 35)
    await events.until_caught_up()
    assert sorted(events.jobs(AttemptLost)) == sorted(begun)
    succeeded = events.jobs(AttemptSucceeded)
    assert sorted(succeeded) == sorted([*done, *(set(jobs) - set(begun))])
    assert sorted(ledger.jobs("began")) == sorted(jobs)
    [worker] = {event.lost_worker for event in events.of(AttemptLost)}
    assert worker is not None
    assert str(first.process.pid) in worker


async def test_an_attempt_that_was_reported_as_started_is_its_lease_s_business(
    settings: Settings,
    feeder: Feeder,
    events: Follower,
    ledger: Ledger,
    start_process: StartProcess,
) -> None:
    first = await start_process(JOBLOG_WORKER__STARTED_AFTER_MS="100")
    await feeder.feed([feeder.dispatch("gate", "long")])
    await events.until(lambda: events.of(AttemptStarted))

    async def settled() -> bool:
        return any(offset == 1 for offset, _ in (await committed(settings)).values())

    await eventually(settled)
    await first.kill()
    await start_process()
    await feeder.feed([feeder.dispatch("note", "next")])
    await events.until(lambda: events.of(AttemptSucceeded))
    await events.until_caught_up()
    assert events.of(AttemptLost) == []
    assert ledger.jobs("began") == ["long"]


async def test_workers_that_die_one_after_the_other_lose_nothing(
    feeder: Feeder, events: Follower, ledger: Ledger, start_process: StartProcess
) -> None:
    jobs = set(await feeder.jobs("note", 3_000))
    reported: set[str] = set()
    for share in (0.05, 0.2, 0.4):
        process = await start_process(JOBLOG_WORKER__CONCURRENCY="20")
        await ledger.has("ran", int(share * len(jobs)))
        await process.kill()
    last = await start_process()

    def all_reported() -> bool:
        nonlocal reported
        reported = {*events.jobs(AttemptSucceeded), *events.jobs(AttemptLost)}
        return reported == jobs

    await events.until(all_reported)
    assert await last.stop() == 0
    ran = ledger.jobs("ran")
    assert len(ran) == len(set(ran))
    assert set(events.jobs(AttemptSucceeded)) <= set(ran)
    assert jobs - set(ran) <= set(events.jobs(AttemptLost))
    assert len(effective_losses(events)) < 500


async def test_a_job_that_kills_its_worker_takes_only_running_neighbours_with_it(
    feeder: Feeder, events: Follower, ledger: Ledger, start_process: StartProcess
) -> None:
    await feeder.jobs("note", 300, "before")
    await feeder.feed([feeder.dispatch("kill", "guilty")])
    after = await feeder.jobs("note", 300, "after")
    first = await start_process(JOBLOG_WORKER__CONCURRENCY="10")
    assert await first.ends() == -signal.SIGKILL
    await start_process()
    await events.until(
        lambda: {*events.jobs(AttemptSucceeded), *events.jobs(AttemptLost)} >= set(after)
    )
    lost = effective_losses(events)
    assert "guilty" in lost
    assert len(lost) <= 30
    assert ledger.jobs("began") == ["guilty"]


async def test_a_worker_that_was_stopped_too_long_starts_nothing_of_what_it_had_read(
    settings: Settings,
    feeder: Feeder,
    events: Follower,
    ledger: Ledger,
    start_process: StartProcess,
) -> None:
    jobs = set(await feeder.jobs("gate", 20))
    first = await start_process(JOBLOG_WORKER__CONCURRENCY="5")
    await ledger.has("began", 5)
    begun = set(ledger.jobs("began"))
    states = [claim.states for _, claim in (await committed(settings)).values()]
    assert any(RecordState.UNTOUCHED in state for state in states)
    first.process.send_signal(signal.SIGSTOP)
    second = await start_process(JOBLOG_WORKER__CONCURRENCY="5")
    await events.until(lambda: len(events.of(AttemptLost)) >= 5)
    await ledger.has("began", 10)
    first.process.send_signal(signal.SIGCONT)
    ledger.open_gate()
    await events.until(lambda: set(events.jobs(AttemptSucceeded)) == jobs)

    async def both() -> bool:
        return await members_of(settings) == 2

    await eventually(both)
    assert await first.stop() == 0
    assert await second.stop() == 0
    await events.until_caught_up()
    assert set(events.jobs(AttemptLost)) == begun
    began = ledger.jobs("began")
    assert sorted(began) == sorted(jobs)
    assert {line.pid for line in ledger.lines if line.job_id not in begun} == {second.process.pid}


@pytest.mark.parametrize("type_", ["gate", "gate.thread", "gate.process"])
async def test_after_sigterm_it_hands_back_what_does_not_end_in_time(
    feeder: Feeder, events: Follower, ledger: Ledger, start_process: StartProcess, type_: str
) -> None:
    process = await start_process(
        JOBLOG_WORKER__SHUTDOWN_GRACE_MS="1000", JOBLOG_WORKER__PROCESSES="3"
    )
    jobs = await feeder.jobs(type_, 3)
    await ledger.has("began", 3)
    began = asyncio.get_running_loop().time()
    assert await process.stop() == 0
    assert 1 <= asyncio.get_running_loop().time() - began < 6
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


@pytest.fixture
async def own_broker(make_broker: Callable[..., EmbeddedBroker]) -> EmbeddedBroker:
    broker = make_broker()
    await asyncio.to_thread(broker.start)
    return broker


async def test_a_failed_publish_ends_it_before_it_commits_anything_more(
    own_broker: EmbeddedBroker, tmp_path: Path
) -> None:
    settings = Settings(
        bootstrap_servers=own_broker.bootstrap_servers,
        partitions=1,
        session_timeout_ms=3_000,
        heartbeat_interval_ms=900,
    )
    await ensure_topics(settings, now_ms())
    ledger, topics = Ledger(tmp_path), TopicMap.of(settings)
    process = await Process.start(
        settings,
        JOBLOG_REQUEST_TIMEOUT_MS="1000",
        JOBLOG_PRODUCER__DELIVERY_TIMEOUT_MS="1000",
        JOBLOG_WORKER__CONCURRENCY="5",
    )
    async with KafkaPublisher(settings) as publisher:
        await Feeder(settings, publisher, ledger).jobs("gate", 20)
    await ledger.has("began", 5)
    begun = set(ledger.jobs("began"))
    os.kill(own_broker.pid, signal.SIGSTOP)
    ledger.open_gate()
    assert await process.ends() == 1
    os.kill(own_broker.pid, signal.SIGCONT)
    [(offset, claim)] = (await committed(settings)).values()
    assert offset == 0
    assert RecordState.SETTLED not in claim.states
    successor = await Process.start(settings)
    async with Follower(settings, topics.events.name, 1) as events:
        await events.until(
            lambda: len({*events.jobs(AttemptSucceeded), *events.jobs(AttemptLost)}) == 20
        )
        assert set(events.jobs(AttemptLost)) >= begun
        assert begun.isdisjoint(events.jobs(AttemptSucceeded))
    assert await successor.stop() == 0
    assert len(ledger.jobs("ran")) == len(set(ledger.jobs("ran")))


async def test_a_broker_that_dies_and_comes_back_costs_nothing(
    own_broker: EmbeddedBroker, tmp_path: Path
) -> None:
    settings = Settings(
        bootstrap_servers=own_broker.bootstrap_servers, partitions=2, session_timeout_ms=30_000
    )
    await ensure_topics(settings, now_ms())
    ledger, topics = Ledger(tmp_path), TopicMap.of(settings)
    process = await Process.start(settings, JOBLOG_WORKER__CONCURRENCY="5")
    async with KafkaPublisher(settings) as publisher:
        feeder = Feeder(settings, publisher, ledger)
        jobs = await feeder.jobs("note", 2_000)
        await ledger.has("ran", 100)
        await asyncio.to_thread(own_broker.kill)
        await asyncio.to_thread(own_broker.start)
        jobs += await feeder.jobs("note", 100, "later")
    async with Follower(settings, topics.events.name, 2) as events:
        await events.until(lambda: len(events.of(AttemptSucceeded)) >= len(jobs))
        assert sorted(events.jobs(AttemptSucceeded)) == sorted(jobs)
        assert events.of(AttemptFailed) == []
    assert await process.stop() == 0
    assert sorted(ledger.jobs("ran")) == sorted(jobs)
