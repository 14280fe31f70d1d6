"""Handlers run where they are told to; what goes wrong there costs only the attempt that did it."""

import asyncio
import logging
import os
import signal
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
import pytest_asyncio

from joblog.processors.worker.errors import ChildStartError
from joblog.processors.worker.executors import Coroutines, Executor, Processes, Threads
from joblog.processors.worker.executors.abc import Run
from joblog.processors.worker.outcomes import Cancelled, Failed, Outcome, Succeeded
from joblog.processors.worker.scope import Scope
from joblog.schemas.avro_schema import AvroSchema
from tests.unit.worker.jobs import REGISTRY, handler
from tests.unit.worker.making import call, dispatch

SECONDS = 20.0
pytestmark = pytest.mark.asyncio(loop_scope="module")  # a template takes a second to start


class Running:
    """A run on its way, and what was heard of it."""

    def __init__(self, executor: Executor, type_: str, number: int = 0) -> None:
        self.told: asyncio.Queue[tuple[float | None, str | None]] = asyncio.Queue()
        self.freed = asyncio.Event()
        made = call(dispatch(type_, number=number))
        self.run = Run(handler(type_), made, self._tell, self.freed.set)
        self.task = asyncio.create_task(executor.run(self.run))

    def _tell(self, progress: float | None, message: str | None) -> None:
        self.told.put_nowait((progress, message))

    async def begun(self) -> None:
        async with asyncio.timeout(SECONDS):
            assert (await self.told.get())[1] == "begun"

    async def outcome(self) -> Outcome:
        async with asyncio.timeout(SECONDS):
            outcome = await self.task
            await self.freed.wait()
        return outcome


async def outcome(executor: Executor, type_: str, number: int = 0) -> Outcome:
    return await Running(executor, type_, number).outcome()


async def value(executor: Executor, type_: str, number: int = 0) -> int:
    found = await outcome(executor, type_, number)
    assert isinstance(found, Succeeded)
    assert found.result is not None
    schema: AvroSchema | None = handler(type_).result_schema
    assert schema is not None
    return int(schema.read(found.result)["value"])


@pytest_asyncio.fixture(loop_scope="module")
async def threads() -> AsyncIterator[Threads]:
    executor = Threads(Scope())
    yield executor
    executor.close()


async def test_a_coroutine_that_is_cancelled_stops() -> None:
    running = Running(Coroutines(Scope()), "wait")
    await running.begun()
    running.task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running.outcome()
    assert running.freed.is_set()


async def test_threads_are_used_again(threads: Threads) -> None:
    for number in range(5):
        assert isinstance(await outcome(threads, "echo.thread", number), Succeeded)
    assert threads._threads == 1  # noqa: SLF001 - whether it leaks threads


async def test_a_thread_hears_of_a_cancel(threads: Threads) -> None:
    running = Running(threads, "wait.thread")
    await running.begun()
    running.run.cancel()
    assert await running.outcome() == Cancelled()


async def test_a_run_that_was_cancelled_before_it_began_hears_of_it(threads: Threads) -> None:
    running = Running(threads, "wait.thread")
    running.run.cancel()
    assert await running.outcome() == Cancelled()


async def test_an_abandoned_thread_keeps_its_place_until_it_returns(threads: Threads) -> None:
    running = Running(threads, "wait.thread")
    await running.begun()
    running.task.cancel()
    with suppress(asyncio.CancelledError):
        await running.task
    assert not running.freed.is_set()
    assert isinstance(await outcome(threads, "echo.thread"), Succeeded)
    running.run.cancel()
    async with asyncio.timeout(SECONDS):
        await running.freed.wait()


@pytest.mark.parametrize("type_", ["pid", "pid.async"])
async def test_a_process_is_used_again(processes: Processes, type_: str) -> None:
    first = await value(processes, type_)
    assert first != os.getpid()
    assert await value(processes, type_) == first


async def test_processes_run_side_by_side(processes: Processes) -> None:
    waiting = Running(processes, "wait.process")
    await waiting.begun()
    assert isinstance(await outcome(processes, "pid"), Succeeded)
    waiting.run.cancel()
    assert isinstance(await waiting.outcome(), Succeeded)


async def test_any_handler_can_run_in_a_process(processes: Processes) -> None:
    assert await value(processes, "echo", 3) == 3
    failed = await outcome(processes, "fail", 4)
    assert isinstance(failed, Failed)
    assert failed.failure.message == "number 4"


async def test_errors_come_out_of_a_process_as_they_went_in(processes: Processes) -> None:
    failed = await outcome(processes, "retry.after", 1_500)
    assert isinstance(failed, Failed)
    assert failed.retry_after_ms == 1_500
    fatal = await outcome(processes, "fatal")
    assert isinstance(fatal, Failed)
    assert not fatal.failure.retryable


@pytest.mark.parametrize(
    ("type_", "number", "words"),
    [
        ("signal", signal.SIGSEGV, "by SIGSEGV"),
        ("signal", signal.SIGKILL, "by SIGKILL"),
        ("exit", 7, "with exit code 7"),
        ("exit", 0, "with exit code 0"),
        ("close", 0, ("with exit code 1", "by SIGKILL")),  # it ends by itself, or is helped
    ],
)
async def test_a_process_that_dies_costs_its_own_attempt(
    processes: Processes, type_: str, number: int, words: str | tuple[str, ...]
) -> None:
    innocent = Running(processes, "wait.process")
    await innocent.begun()
    failed = await outcome(processes, type_, number)
    assert isinstance(failed, Failed)
    assert failed.failure.kind == "process_died"
    assert failed.failure.message.endswith(words)
    assert isinstance(await outcome(processes, "pid"), Succeeded)
    innocent.run.cancel()
    assert isinstance(await innocent.outcome(), Succeeded)


async def test_a_process_that_died_while_idle_costs_nothing(processes: Processes) -> None:
    first = await value(processes, "pid")
    os.kill(first, signal.SIGKILL)
    assert await value(processes, "pid") != first


async def test_a_cancelled_run_kills_its_process_whatever_that_does(processes: Processes) -> None:
    running = Running(processes, "stubborn.process")
    await running.begun()
    running.task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running.outcome()
    assert running.freed.is_set()
    assert isinstance(await outcome(processes, "pid"), Succeeded)


async def test_a_coroutine_in_a_process_is_cancelled_there(processes: Processes) -> None:
    pid = await value(processes, "pid")
    running = Running(processes, "wait.async.process")
    await running.begun()
    running.run.cancel()
    assert await running.outcome() == Cancelled()
    assert await value(processes, "pid") == pid


async def test_a_cancel_does_not_reach_the_next_run(processes: Processes) -> None:
    running = Running(processes, "wait.process")
    await running.begun()
    running.run.cancel()
    assert isinstance(await running.outcome(), Succeeded)
    again = Running(processes, "wait.process")
    await again.begun()
    assert not again.task.done()
    again.run.cancel()
    assert isinstance(await again.outcome(), Succeeded)


async def test_signals_for_the_worker_do_not_end_a_child(processes: Processes) -> None:
    pid = await value(processes, "pid")
    for signum in (signal.SIGTERM, signal.SIGINT):
        os.kill(pid, signum)
    assert await value(processes, "pid") == pid


async def test_log_records_come_out_of_a_process(
    processes: Processes, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    assert await outcome(processes, "log", 5) == Succeeded()
    warning = next(one for one in caplog.records if one.name == "joblog.job")
    assert (warning.getMessage(), vars(warning)["job_id"]) == ("number 5", "job-0")
    error = next(one for one in caplog.records if one.name == "tests.jobs")
    assert "ValueError: invalid literal" in error.getMessage()


async def test_children_and_their_template_end_with_the_executor() -> None:
    processes = Processes(REGISTRY.modules, Scope())
    pid = await value(processes, "pid")
    template = processes._template  # noqa: SLF001 - whether it leaks processes
    assert template is not None
    await processes.close()
    for ended in (pid, template._process.pid):  # noqa: SLF001 - as above
        with pytest.raises(ProcessLookupError):
            os.kill(ended, 0)


async def test_a_template_that_is_killed_is_replaced(processes: Processes) -> None:
    await value(processes, "pid")
    template = processes._template  # noqa: SLF001 - to kill it
    assert template is not None
    os.kill(template._process.pid, signal.SIGKILL)  # noqa: SLF001 - as above
    await template._process.wait()  # noqa: SLF001 - as above
    failed = await outcome(processes, "signal", signal.SIGKILL)
    assert isinstance(failed, Failed)
    assert isinstance(await outcome(processes, "pid"), Succeeded)


async def test_modules_that_cannot_be_imported_are_an_error_and_no_loop() -> None:
    processes = Processes(["tests.unit.worker.nowhere"], Scope())
    running = Running(processes, "pid")
    with pytest.raises(ChildStartError, match="3 child processes in a row"):
        await running.outcome()
    assert running.freed.is_set()
    await processes.close()
