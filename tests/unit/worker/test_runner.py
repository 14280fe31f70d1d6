"""Attempts begin, end and are reported as their jobs, their timeouts and the worker's life demand."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio

from joblog.processors.worker.attempt import Attempt
from joblog.processors.worker.cancels import Cancels
from joblog.processors.worker.clock import Clock
from joblog.processors.worker.executors import Coroutines, Processes, Threads
from joblog.processors.worker.handlers import ASYNC, PROCESS, THREAD
from joblog.processors.worker.leases import Leases
from joblog.processors.worker.outcomes import Cancelled, Released
from joblog.processors.worker.registry import Registry
from joblog.processors.worker.reporter import Reporter
from joblog.processors.worker.reports import Reports
from joblog.processors.worker.runner import Equipment, Runner
from joblog.processors.worker.scope import Scope
from joblog.processors.worker.slots import Slots
from joblog.schemas.models import (
    AttemptCancelled,
    AttemptFailed,
    AttemptHeartbeat,
    AttemptReleased,
    AttemptStarted,
    AttemptSucceeded,
    Event,
    JobCancelRequested,
)
from joblog.streams.records import Inbound
from tests.unit.worker.fakes import Counting, FakePublisher
from tests.unit.worker.jobs import LONG, REGISTRY, Number
from tests.unit.worker.making import CODEC, EVENTS, attempt, dispatch

SECONDS = 20.0
NOW = 1_000_000
pytestmark = pytest.mark.asyncio(loop_scope="module")
swallowing = Registry()


@swallowing.job("swallow.one")
async def swallow_one(_: Number) -> None:
    try:
        await asyncio.sleep(LONG)
    except asyncio.CancelledError:
        await asyncio.sleep(LONG)


@swallowing.job("cancels.itself")
async def cancel_itself(_: Number) -> None:
    task = asyncio.current_task()
    assert task is not None
    task.cancel()
    await asyncio.sleep(LONG)


released = asyncio.Event()


@swallowing.job("swallow.all")
async def swallow_all(_: Number) -> None:
    while not released.is_set():
        try:
            await released.wait()
        except asyncio.CancelledError:
            continue


class Bench:
    def __init__(self, processes: Processes) -> None:
        self.now = NOW
        self.publisher = FakePublisher()
        self.reporter = Reporter(self.publisher)
        self.slots = Slots({ASYNC: 5, THREAD: 5, PROCESS: 5}, 15)
        self.leases: Leases[Attempt] = Leases(2_000, 10_000)
        self.cancels = Cancels()
        self.observer = Counting()
        self.threads = Threads(Scope())
        self.equipment = Equipment(
            executors={ASYNC: Coroutines(Scope()), THREAD: self.threads, PROCESS: processes},
            slots=self.slots,
            leases=self.leases,
            cancels=self.cancels,
            reports=Reports(EVENTS, "me", 30_000, lambda: self.now),
            reporter=self.reporter,
            observer=self.observer,
            clock=Clock(lambda: self.now, lambda: self.now / 1_000),
            cancel_grace_ms=50,
        )
        self.tasks: list[asyncio.Task[None]] = []
        self.runner = Runner(self.equipment, self.spawn)
        self.reporting = asyncio.create_task(self.reporter.run())

    def have_one_place(self) -> None:
        """Begin again, with a place for one coroutine and nothing else."""
        self.slots = Slots({ASYNC: 1}, 1)
        self.runner = Runner(replace(self.equipment, slots=self.slots), self.spawn)

    def spawn(self, coroutine: Any) -> asyncio.Task[None]:  # noqa: ANN401
        task = asyncio.create_task(coroutine)
        self.tasks.append(task)
        return task

    def begin(self, type_: str, offset: int = 0, **fields: Any) -> Attempt:  # noqa: ANN401
        event = dispatch(type_, n=offset, **fields)
        found = REGISTRY.get(type_) or swallowing.get(type_)
        one = attempt(event, offset, handler=found)
        self.slots.claim(one.run_in)
        self.runner.begin([one])
        return one

    async def begun(self, type_: str, offset: int = 0, **fields: Any) -> Attempt:  # noqa: ANN401
        """Begin an attempt and wait until its handler says that it runs."""
        heard = asyncio.Event()
        tell = self.leases.tell
        self.leases.tell = lambda *told: (tell(*told), heard.set())  # type: ignore[assignment,method-assign,func-returns-value]
        one = self.begin(type_, offset, **fields)
        await heard.wait()
        return one

    def request_cancel(self, offset: int = 0, generation: int = 1) -> None:
        event = JobCancelRequested(
            event_id="e", time=1, job_id=f"job-{offset}", generation=generation, requested_by="x"
        )
        self.cancels.learn(Inbound("t.control", 0, 0, 1, event.key, CODEC.encode(event)))
        self.runner.cancel(event)

    async def ended(self) -> list[Event]:
        """Wait until all attempts have ended, and return what was reported."""
        if self.tasks:
            await asyncio.wait(self.tasks)
        await self.reporter.flush()
        return self.publisher.events


@pytest_asyncio.fixture(loop_scope="module")
async def bench(processes: Processes) -> AsyncIterator[Bench]:
    made = Bench(processes)
    async with asyncio.timeout(SECONDS):
        yield made
    made.reporting.cancel()
    made.threads.close()
    await asyncio.wait([made.reporting])


def kinds(events: list[Event]) -> list[str]:
    return [type(event).__name__ for event in events]


@pytest.mark.parametrize("type_", ["echo", "echo.thread", "pid"])
async def test_a_success_is_reported_and_then_settled(bench: Bench, type_: str) -> None:
    bench.publisher.acknowledging.clear()
    one = bench.begin(type_)
    await asyncio.wait(bench.tasks)
    assert one.tenure.ledger.claimed == [0]
    bench.publisher.acknowledging.set()
    [event] = await bench.ended()
    assert isinstance(event, AttemptSucceeded)
    assert event.started_at == NOW
    assert one.tenure.ledger.claimed == []
    assert bench.observer.seen == {f"began {type_}": 1, f"ended {type_} succeeded": 1}
    assert len(bench.slots.free) == 3


@pytest.mark.parametrize(
    ("type_", "fields"),
    [("leaves", {}), ("leaves", {"isolated": True}), ("leaves.thread", {}), ("leaves.process", {})],
)
async def test_an_attempt_finds_no_context_variables_of_the_one_whose_place_it_takes(
    bench: Bench, type_: str, fields: dict[str, bool]
) -> None:
    found = []
    attempts = [bench.begin(type_, offset, **fields) for offset in range(5 + 2)]
    while len(bench.tasks) < len(attempts):
        await asyncio.wait(bench.tasks, return_when=asyncio.FIRST_COMPLETED)
    for event in await bench.ended():
        assert isinstance(event, AttemptSucceeded)
        found.append(event.result)
    assert len(found) == len(attempts)
    assert len(set(found)) == 1


async def test_a_failure_is_reported(bench: Bench) -> None:
    bench.begin("fail")
    [event] = await bench.ended()
    assert isinstance(event, AttemptFailed)
    assert event.failure.kind == "error"


@pytest.mark.parametrize("type_", ["wait", "wait.thread", "stubborn.process"])
async def test_an_attempt_that_runs_too_long_fails(bench: Bench, type_: str) -> None:
    bench.begin(type_, timeout_ms=20)
    [event] = await bench.ended()
    assert isinstance(event, AttemptFailed)
    assert event.failure.kind == "timeout"
    assert "20 ms" in event.failure.message


async def test_what_a_process_takes_to_begin_is_not_the_handler_s_time(bench: Bench) -> None:
    fresh = Processes(REGISTRY.modules, Scope())
    bench.runner = Runner(replace(bench.equipment, executors={PROCESS: fresh}), bench.spawn)
    bench.begin("pid", timeout_ms=50)
    assert kinds(await bench.ended()) == ["AttemptSucceeded"]
    await fresh.close()


async def test_a_thread_that_runs_too_long_keeps_its_slot(bench: Bench) -> None:
    slots = Slots({THREAD: 1}, 1)
    bench.slots = slots
    bench.runner = Runner(replace(bench.equipment, slots=slots), bench.spawn)
    one = bench.begin("wait.thread", timeout_ms=20)
    run = bench.runner._running[one]  # noqa: SLF001 - to let the thread go
    await bench.ended()
    assert slots.free == []
    freed = asyncio.Event()
    slots.listen(freed.set)
    run.cancel()
    await freed.wait()
    assert slots.free == [THREAD]


@pytest.mark.parametrize("type_", ["wait", "wait.thread", "wait.async.process", "stubborn.process"])
async def test_a_cancel_stops_an_attempt(bench: Bench, type_: str) -> None:
    await bench.begun(type_)
    bench.request_cancel()
    [event] = await bench.ended()
    assert isinstance(event, AttemptCancelled)


async def test_a_cancel_of_another_generation_or_job_stops_nothing(bench: Bench) -> None:
    await bench.begun("wait")
    bench.request_cancel(generation=2)
    bench.request_cancel(offset=1)
    await asyncio.sleep(0)
    assert bench.publisher.calls == []
    bench.request_cancel()
    assert kinds(await bench.ended()) == ["AttemptCancelled"]


async def test_a_cancel_before_the_first_step_stops_an_attempt(bench: Bench) -> None:
    bench.begin("wait")
    bench.request_cancel()
    assert kinds(await bench.ended()) == ["AttemptCancelled"]
    assert len(bench.slots.free) == 3


async def test_a_job_that_is_to_be_cancelled_does_not_begin(bench: Bench) -> None:
    bench.request_cancel()
    bench.begin("echo")
    assert kinds(await bench.ended()) == ["AttemptCancelled"]
    assert bench.observer.seen == {"not begun echo cancelled": 1}


@pytest.mark.parametrize(
    ("fields", "event", "reason"),
    [
        ({"deadline": NOW}, AttemptReleased, "deadline"),
        ({"payload_content_type": "text/plain"}, AttemptFailed, "payload_rejected"),
        ({"type": "nobody has this"}, AttemptFailed, "unknown_type"),
    ],
    ids=["deadline", "content type", "type"],
)
async def test_what_does_not_begin(
    bench: Bench, fields: dict[str, Any], event: type[Event], reason: str
) -> None:
    type_ = fields.pop("type", "echo")
    one = bench.begin(type_, **fields)
    [reported] = await bench.ended()
    assert isinstance(reported, event)
    found = reported.reason if isinstance(reported, AttemptReleased) else reported.failure.kind  # type: ignore[attr-defined]
    assert found == reason
    assert one.tenure.ledger.claimed == []
    assert len(bench.slots.free) == 3
    assert sum(bench.observer.seen.values()) == 1


async def test_an_attempt_whose_deadline_has_not_come_begins(bench: Bench) -> None:
    bench.begin("echo", deadline=NOW + 1)
    assert kinds(await bench.ended()) == ["AttemptSucceeded"]


async def test_a_payload_whose_schema_is_missing_is_rejected(bench: Bench) -> None:
    one = attempt(dispatch("echo"))
    one.rejection = "nobody announced it"
    bench.slots.claim(one.run_in)
    bench.runner.begin([one])
    [event] = await bench.ended()
    assert isinstance(event, AttemptFailed)
    assert event.failure.kind == "payload_rejected"
    assert not event.failure.retryable


async def test_a_long_attempt_is_settled_once_its_start_is_acknowledged(bench: Bench) -> None:
    one = await bench.begun("wait")
    bench.runner.tend()
    bench.now += 2_000
    bench.runner.tend()
    assert one.tenure.ledger.claimed == [0]
    await bench.reporter.flush()
    assert one.tenure.ledger.claimed == []
    bench.now += 10_000
    bench.runner.tend()
    bench.request_cancel()
    started, beat, end = await bench.ended()
    assert isinstance(started, AttemptStarted)
    assert started.started_at == NOW
    assert isinstance(beat, AttemptHeartbeat)
    assert beat.message == "begun"
    assert isinstance(end, AttemptCancelled)
    bench.now += 100_000
    bench.runner.tend()
    assert len(await bench.ended()) == 3


async def test_attempts_of_partitions_that_are_given_up_end_or_get_their_leases(
    bench: Bench,
) -> None:
    long, elsewhere = await bench.begun("wait", 0), await bench.begun("wait", 1)
    short = bench.begin("echo", 2)
    await bench.runner.settle([short.tenure], LONG)
    assert short.tenure.ledger.claimed == []
    await bench.runner.settle([long.tenure], 0.01)
    assert sorted(kinds(bench.publisher.events)) == ["AttemptStarted", "AttemptSucceeded"]
    assert long.tenure.ledger.claimed == []
    assert elsewhere.tenure.ledger.claimed == [1]
    await bench.runner.settle([long.tenure], 0.01)
    assert len(bench.publisher.events) == 2
    bench.request_cancel(0)
    bench.request_cancel(1)
    await bench.ended()


async def test_a_claimed_attempt_begins_at_once_when_a_place_is_free_the_first_by_priority(
    bench: Bench,
) -> None:
    bench.have_one_place()
    await bench.begun("wait")
    low, high = bench.begin("wait", 1, priority=1), bench.begin("wait", 2, priority=9)
    assert (low.task, high.task) == (None, None)
    bench.request_cancel()
    await asyncio.wait(bench.tasks)
    assert (low.task, bench.slots.free) == (None, [])
    assert high.task is not None
    bench.request_cancel(2)
    bench.request_cancel(1)
    assert kinds(await bench.ended()) == ["AttemptCancelled"] * 3
    assert bench.slots.claimable == bench.slots.free == [ASYNC]


async def test_a_cancel_ends_a_claimed_attempt_that_waits_for_a_place(bench: Bench) -> None:
    bench.have_one_place()
    await bench.begun("wait")
    claimed = bench.begin("echo", 1)
    bench.request_cancel(2)
    await bench.reporter.flush()
    assert bench.publisher.events == []
    bench.request_cancel(1)
    await bench.reporter.flush()
    [event] = bench.publisher.events
    assert isinstance(event, AttemptCancelled)
    assert event.job_id == "job-1"
    assert claimed.tenure.ledger.claimed == []
    bench.request_cancel(0)
    assert kinds(await bench.ended()) == ["AttemptCancelled"] * 2
    assert bench.slots.claimable == bench.slots.free == [ASYNC]


async def test_a_claimed_attempt_whose_deadline_passes_before_there_is_a_place_does_not_begin(
    bench: Bench,
) -> None:
    bench.have_one_place()
    await bench.begun("wait")
    bench.begin("echo", 1, deadline=NOW + 1_000)
    bench.now += 1_000
    bench.request_cancel(0)
    assert kinds(await bench.ended()) == ["AttemptReleased", "AttemptCancelled"]


async def test_an_attempt_is_started_when_it_begins_and_not_when_it_was_claimed(
    bench: Bench,
) -> None:
    bench.have_one_place()
    await bench.begun("wait")
    bench.begin("wait", 1)
    bench.now += 5_000
    bench.request_cancel(0)
    await asyncio.wait(bench.tasks, return_when=asyncio.FIRST_COMPLETED)
    bench.runner.tend()
    bench.now += 2_000
    bench.runner.tend()
    bench.request_cancel(1)
    _, started, _ = await bench.ended()
    assert isinstance(started, AttemptStarted)
    assert (started.job_id, started.started_at) == ("job-1", NOW + 5_000)


async def test_claimed_attempts_without_a_place_are_released_when_their_partition_is_given_up(
    bench: Bench,
) -> None:
    bench.have_one_place()
    runs = await bench.begun("wait")
    claimed, elsewhere = bench.begin("echo", 1), bench.begin("echo", 2)
    await bench.runner.settle([claimed.tenure], LONG)
    [event] = bench.publisher.events
    assert isinstance(event, AttemptReleased)
    assert (event.job_id, event.reason) == ("job-1", "rebalance")
    assert claimed.tenure.ledger.claimed == []
    elsewhere.tenure.active = False
    runs.end(Cancelled())
    assert kinds(await bench.ended()) == ["AttemptReleased", "AttemptReleased", "AttemptCancelled"]
    assert bench.slots.claimable == bench.slots.free == [ASYNC]


@pytest.mark.parametrize(
    "type_", ["wait", "wait.thread", "stubborn.process", "swallow.one", "swallow.all"]
)
async def test_what_does_not_end_in_time_is_handed_back(bench: Bench, type_: str) -> None:
    released.clear()
    one = bench.begin(type_)
    bench.begin("echo", 1)
    await bench.runner.finish(0.05)
    assert sorted(kinds(bench.publisher.events)) == ["AttemptReleased", "AttemptSucceeded"]
    [event] = [event for event in bench.publisher.events if isinstance(event, AttemptReleased)]
    assert (event.job_id, event.reason) == ("job-0", "shutdown")
    assert one.tenure.ledger.claimed == []
    released.set()
    assert len(await bench.ended()) == 2


@pytest.mark.parametrize("fields", [{}, {"timeout_ms": 60_000}], ids=["no limit", "a limit"])
async def test_a_handler_that_cancels_its_own_task_has_failed(
    bench: Bench, fields: dict[str, Any]
) -> None:
    bench.begin("cancels.itself", **fields)
    [event] = await bench.ended()
    assert isinstance(event, AttemptFailed)
    assert event.failure.type == "asyncio.exceptions.CancelledError"
    assert len(bench.slots.free) == 3
    bench.now += 60_000
    bench.runner.tend()
    assert kinds(bench.publisher.events) == ["AttemptFailed"]


async def test_how_an_attempt_was_to_end_is_not_changed_later(bench: Bench) -> None:
    one = await bench.begun("wait")
    one.end(Cancelled())
    one.end(Released("shutdown"))
    assert kinds(await bench.ended()) == ["AttemptCancelled"]
