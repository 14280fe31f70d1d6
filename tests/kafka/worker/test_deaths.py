"""A worker that dies: its successor reports as lost what it had claimed and not finished, nothing else."""

import signal
from pathlib import Path

from joblog.processors.worker.claims import RecordState
from joblog.schemas.models import (
    AttemptFailed,
    AttemptLost,
    AttemptStarted,
    AttemptSucceeded,
)
from joblog.streams.settings import Settings
from tests.kafka.running import eventually
from tests.kafka.worker.conftest import StartProcess
from tests.kafka.worker.running import Feeder, Follower, Ledger, committed, members_of


def is_alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def effective_losses(events: Follower) -> list[str]:
    """Return the jobs whose loss was reported when no outcome of them stood in the log."""
    ended, lost = set[str](), list[str]()
    for event in events.events:
        if isinstance(event, AttemptSucceeded | AttemptFailed):
            ended.add(event.job_id)
        elif isinstance(event, AttemptLost) and event.job_id not in ended:
            lost.append(event.job_id)
    return lost


async def test_what_a_killed_worker_had_claimed_is_lost_and_what_waited_is_run(
    feeder: Feeder, events: Follower, ledger: Ledger, start_process: StartProcess
) -> None:
    slots, most_ahead = 10, 7
    first = await start_process(JOBLOG_WORKER__CONCURRENCY=str(slots))
    done = await feeder.jobs("note", 20, "done")
    await events.until(lambda: len(events.of(AttemptSucceeded)) == 20)
    jobs = await feeder.jobs("gate", 25, "gate")
    await ledger.has("began", slots)
    await first.kill()
    begun = ledger.jobs("began")
    assert len(begun) == slots
    await start_process(JOBLOG_WORKER__CONCURRENCY="30")
    ledger.open_gate()

    def all_reported() -> bool:
        return len({*events.jobs(AttemptSucceeded), *events.jobs(AttemptLost)}) == 20 + 25

    await events.until(all_reported)
    await events.until_caught_up()
    lost = events.jobs(AttemptLost)
    ahead = set(lost) - set(begun)
    assert sorted(lost) == sorted([*begun, *ahead])
    assert len(ahead) <= most_ahead
    succeeded = events.jobs(AttemptSucceeded)
    assert sorted(succeeded) == sorted([*done, *(set(jobs) - set(lost))])
    assert sorted(ledger.jobs("began")) == sorted(set(jobs) - ahead)
    [worker] = {event.lost_worker for event in events.of(AttemptLost)}
    assert worker is not None
    assert str(first.process.pid) in worker


async def test_child_processes_end_with_a_worker_that_is_killed(
    feeder: Feeder, ledger: Ledger, start_process: StartProcess
) -> None:
    process = await start_process()
    await feeder.jobs("gate.process", 2)
    await ledger.has("began", 2)
    children = {line.pid for line in ledger.lines}
    await process.kill()

    async def gone() -> bool:
        return not any(map(is_alive, children))

    await eventually(gone)


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
    assert len(lost) <= 100, "what was read and not claimed is none of it"
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
