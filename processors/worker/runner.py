"""Runs claimed attempts, from the last look before they begin to the report of how they ended."""

import asyncio
from collections.abc import Callable, Collection, Coroutine, Iterable, Mapping
from contextvars import copy_context
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from joblog.processors.worker import failures
from joblog.processors.worker.attempt import Attempt
from joblog.processors.worker.buffer import PriorityBuffer
from joblog.processors.worker.cancels import Cancels
from joblog.processors.worker.clock import Clock
from joblog.processors.worker.executors import Executor
from joblog.processors.worker.executors.abc import Run
from joblog.processors.worker.failure_log import log_failure
from joblog.processors.worker.handlers import ASYNC, PROCESS, RunIn
from joblog.processors.worker.leases import Leases, Sign
from joblog.processors.worker.observer import WorkerObserver
from joblog.processors.worker.outcomes import Cancelled, Outcome, Released, name_of
from joblog.processors.worker.reporter import Reporter, nothing
from joblog.processors.worker.reports import Reports
from joblog.processors.worker.slots import Slots
from joblog.processors.worker.tenure import Tenure
from joblog.schemas.models import JobCancelRequested

MS: Final = 1_000
STOP_SECONDS: Final = 1.0
"""How long a coroutine may take to end after it was cancelled for good."""

CANCELLATIONS: Final = 10
"""How often it is cancelled in that time: it may catch one and go on to wait for something."""

Spawn = Callable[[Coroutine[Any, Any, None]], "asyncio.Task[None]"]


@dataclass(frozen=True)
class Equipment:
    """What a runner works with.

    Attributes:
        executors: where handlers run.
        slots: how many attempts may run.
        leases: when running attempts give signs of life.
        cancels: which jobs are to be cancelled.
        reports: makes records of reports.
        reporter: publishes them.
        observer: watches.
        clock: the clocks.
        cancel_grace_ms: how long a process may run on after its job was cancelled.
    """

    executors: Mapping[RunIn, Executor]
    slots: Slots
    leases: Leases[Attempt]
    cancels: Cancels
    reports: Reports
    reporter: Reporter
    observer: WorkerObserver
    clock: Clock
    cancel_grace_ms: int


class Runner:
    """Begins attempts whose claim is committed as soon as there is a place, and knows those that run.

    Args:
        equipment: what it works with.
        spawn: starts a task whose failure ends the worker.
    """

    def __init__(self, equipment: Equipment, spawn: Spawn) -> None:
        self._with = equipment
        self._spawn = spawn
        self._context = copy_context()
        """Of each attempt: it may begin in the task of the one before, whose variables are not for it."""
        self._claimed = PriorityBuffer()
        self._running: dict[Attempt, Run] = {}

    def begin(self, attempts: Iterable[Attempt]) -> None:
        """Run attempts, each as soon as there is a place for it, unless it comes to its end before."""
        for attempt in attempts:
            self._claimed.push(attempt)
        self._fill()

    def first_priority(self, places: Iterable[RunIn] | None = None) -> int | None:
        """Return the highest priority of the claimed attempts that wait for a place, None where none does.

        Args:
            places: of those that wait for one of these kinds. Defaults to any.
        """
        return self._claimed.first_priority(places)

    def cancel(self, request: JobCancelRequested) -> None:
        """Stop the attempts of a job, as far as the places where they run allow."""
        for attempt in self._claimed.drop(lambda one: _is_meant(one, request)):
            self._end_unbegun(attempt, Cancelled())
        for attempt, run in list(self._running.items()):
            if _is_meant(attempt, request):
                self._cancel(attempt, run)

    def tend(self) -> None:
        """Publish the signs of life that are due."""
        for sign in self._with.leases.due(self._with.clock.elapsed_ms()):
            self._give(sign)

    async def settle(self, tenures: Collection[Tenure], timeout: float) -> None:
        """Wait for the attempts of partitions that are given up; those that run on get their leases.

        Args:
            tenures: the partitions.
            timeout: most seconds to wait.
        """
        for attempt in self._claimed.drop(lambda one: one.tenure in tenures):
            self._end_unbegun(attempt, Released("rebalance"))
        await self._wait((one for one in self._running if one.tenure in tenures), timeout)
        for attempt in [one for one in self._running if one.tenure in tenures]:
            first = self._with.leases.start(attempt, self._with.clock.elapsed_ms())
            if first is not None:
                self._give(first)
        await self._with.reporter.flush()

    async def finish(self, timeout: float) -> None:
        """Let attempts end by themselves, then hand back those that do not; report all.

        Args:
            timeout: most seconds to wait before that.
        """
        await self._wait(self._running, timeout)
        ending = Released("shutdown")
        for _ in range(CANCELLATIONS):
            for attempt in self._running:
                attempt.end(ending)
            await self._wait(self._running, STOP_SECONDS / CANCELLATIONS)
        for attempt in list(self._running):  # coroutines that catch every cancellation
            self._ended(attempt, ending)
        await self._with.reporter.flush()

    def _fill(self) -> None:
        while (attempt := self._claimed.pop(self._with.slots.free)) is not None:
            end = self._end_before_it_begins(attempt)
            if end is None:
                self._begin(attempt)
            else:
                self._end_unbegun(attempt, end)

    def _begin(self, attempt: Attempt) -> None:
        handler, kind = attempt.handler, attempt.run_in
        if handler is None:
            raise RuntimeError("an attempt without a handler ends before it begins")
        self._with.slots.take(kind)
        attempt.started_at = self._with.clock.now_ms()
        told = partial(self._with.leases.tell, attempt)
        run = Run(handler, attempt.call, told, partial(self._free, kind))
        self._running[attempt] = run
        self._with.leases.begin(attempt, self._with.clock.elapsed_ms())
        self._with.observer.attempt_began(attempt.label)
        attempt.task = self._context.copy().run(self._spawn, self._run(attempt, run))

    def _free(self, kind: RunIn) -> None:
        self._with.slots.give(kind)
        self._fill()

    def _end_unbegun(self, attempt: Attempt, outcome: Outcome) -> None:
        self._with.slots.unclaim(attempt.run_in)
        self._with.observer.attempt_not_begun(attempt.label, name_of(outcome))
        self._report(attempt, outcome)

    def _end_before_it_begins(self, attempt: Attempt) -> Outcome | None:
        if not attempt.tenure.active:
            return Released("rebalance")
        dispatch = attempt.dispatch
        if self._with.cancels.has(dispatch.job_id, dispatch.generation):
            return Cancelled()
        if dispatch.deadline is not None and dispatch.deadline <= self._with.clock.now_ms():
            return Released("deadline")
        if attempt.handler is None:
            return failures.unknown_type(dispatch.type)
        if attempt.rejection is not None:
            return failures.payload_rejected(attempt.rejection)
        return None

    async def _run(self, attempt: Attempt, run: Run) -> None:
        begun = self._with.clock.monotonic()
        outcome = await self._outcome(attempt, run)
        if attempt in self._running:  # else it was handed back
            seconds = self._with.clock.monotonic() - begun
            self._with.observer.attempt_ended(attempt.label, name_of(outcome), seconds)
            self._ended(attempt, outcome)

    async def _outcome(self, attempt: Attempt, run: Run) -> Outcome:
        attempt.begun = True
        if attempt.ending is not None:
            run.freed()
            return attempt.ending
        timeout_ms = attempt.dispatch.timeout_ms
        executor = self._with.executors[attempt.run_in]
        try:
            if timeout_ms is None:
                return await executor.run(run)
            async with asyncio.timeout(None) as limit:
                run.begun = partial(_limit, limit, timeout_ms / MS)
                return await executor.run(run)
        except TimeoutError:
            return failures.timed_out(timeout_ms or 0)
        except asyncio.CancelledError as error:
            if attempt.ending is None:  # the handler, or something in it, cancelled its own task
                return failures.raised(error)
            return attempt.ending

    def _cancel(self, attempt: Attempt, run: Run) -> None:
        run.cancel()
        if attempt.run_in == ASYNC:
            attempt.end(Cancelled())
        elif attempt.run_in == PROCESS:
            loop = asyncio.get_running_loop()
            loop.call_later(self._with.cancel_grace_ms / MS, attempt.end, Cancelled())

    def _ended(self, attempt: Attempt, outcome: Outcome) -> None:
        del self._running[attempt]
        self._with.leases.end(attempt)
        self._report(attempt, outcome)

    def _report(self, attempt: Attempt, outcome: Outcome) -> None:
        log_failure(attempt, outcome)
        try:
            record = self._with.reports.outcome(attempt, outcome)
        except Exception as error:  # noqa: BLE001 - a handler's value must not end its worker
            record = self._with.reports.outcome(attempt, failures.refused(error))
        self._with.reporter.add(record, attempt.settle)

    def _give(self, sign: Sign[Attempt]) -> None:
        acknowledged = sign.attempt.settle if sign.started else nothing
        self._with.reporter.add(self._with.reports.sign(sign), acknowledged)

    async def _wait(self, attempts: Iterable[Attempt], timeout: float) -> None:
        tasks = [attempt.task for attempt in attempts if attempt.task is not None]
        if tasks:
            await asyncio.wait(tasks, timeout=timeout)


def _is_meant(attempt: Attempt, request: JobCancelRequested) -> bool:
    dispatch = attempt.dispatch
    return (dispatch.job_id, dispatch.generation) == (request.job_id, request.generation)


def _limit(limit: asyncio.Timeout, seconds: float) -> None:
    """Let time run from now on: what a process takes to begin is not the handler's."""
    limit.reschedule(asyncio.get_running_loop().time() + seconds)
