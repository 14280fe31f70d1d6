"""Whatever child processes log, fork or import, the worker goes on, and can stop."""

import asyncio
import fcntl
import logging
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import pytest_asyncio

from joblog.processors.worker.errors import ChildStartError
from joblog.processors.worker.executors import Processes
from joblog.processors.worker.executors.abc import Run
from joblog.processors.worker.executors.template import Template
from joblog.processors.worker.outcomes import Failed, Outcome, Succeeded
from joblog.processors.worker.reporter import nothing
from joblog.processors.worker.scope import Scope, resource_of
from joblog.processors.worker.scope.errors import ResourceFailedError
from tests.unit.worker.making import call, dispatch
from tests.unit.worker.process_jobs import REGISTRY, ends_by_itself, never_closes, never_opens

SECONDS = 20.0
STUCK = """
import fcntl, pathlib
lock = pathlib.Path(__file__).with_suffix(".lock").open("w")
fcntl.flock(lock, fcntl.LOCK_EX)
"""
pytestmark = pytest.mark.asyncio(loop_scope="module")  # a template takes a second to start


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def processes() -> AsyncIterator[Processes]:
    executor = Processes(REGISTRY.modules, Scope())
    yield executor
    await executor.close()


@pytest.fixture
def stuck(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A module whose import waits for a lock that the worker holds."""
    (tmp_path / "stuck_jobs.py").write_text(STUCK)
    monkeypatch.syspath_prepend(tmp_path)
    with (tmp_path / "stuck_jobs.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield "stuck_jobs"


def start(executor: Processes, type_: str, told: list[str | None]) -> "asyncio.Task[Outcome]":
    handler = REGISTRY.get(type_)
    assert handler is not None
    made = Run(handler, call(dispatch(type_)), lambda _, text: told.append(text), nothing)
    return asyncio.create_task(executor.run(made))


async def outcome(executor: Processes, type_: str) -> Outcome:
    async with asyncio.timeout(SECONDS):
        return await start(executor, type_, [])


async def template_of(executor: Processes) -> Template:
    await executor.prepare()
    template = executor._template  # noqa: SLF001 - whether it leaks processes
    assert template is not None
    return template


async def test_objects_in_log_records_come_out_as_text(
    processes: Processes, caplog: pytest.LogCaptureFixture
) -> None:
    assert isinstance(await outcome(processes, "log.objects"), Succeeded)
    found = vars(next(one for one in caplog.records if one.name == "tests.jobs"))
    assert (found["order"], found["mute"]) == (
        "one way",
        "(its text cannot be had: ValueError)",
    )
    assert (found["colour"], found["n"], found["none"]) == ("<Colour.RED: 'red'>", 7, None)


async def test_a_log_record_that_a_filter_breaks_on_costs_nothing(
    processes: Processes, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def break_on(record: logging.LogRecord) -> bool:
        return bool(vars(record)["order"].number)

    monkeypatch.setattr(logging.getLogger("tests.jobs"), "filters", [break_on])
    assert isinstance(await outcome(processes, "log.objects"), Succeeded)
    assert "has no attribute 'number'" in capsys.readouterr().err


async def test_a_message_that_cannot_be_read_costs_its_own_attempt(
    processes: Processes, caplog: pytest.LogCaptureFixture
) -> None:
    failed = await outcome(processes, "tell.object")
    assert isinstance(failed, Failed)
    assert failed.failure.kind == "process_died"
    assert "what it sent cannot be read" in caplog.text
    assert isinstance(await outcome(processes, "log.objects"), Succeeded)


async def test_a_finalizer_that_logs_while_a_message_is_made_costs_nothing(
    processes: Processes, caplog: pytest.LogCaptureFixture
) -> None:
    told: list[str | None] = []
    async with asyncio.timeout(SECONDS):
        assert isinstance(await start(processes, "tell.collecting", told), Succeeded)
    assert told == ["pickled"]
    assert "collected" in caplog.messages


async def test_a_process_that_dies_is_noticed_though_what_it_forked_lives(
    processes: Processes,
) -> None:
    told: list[str | None] = []
    running = start(processes, "fork", told)
    try:
        async with asyncio.timeout(SECONDS):
            failed = await running
    finally:
        for left in told:
            os.kill(int(left or 0), signal.SIGKILL)
    assert isinstance(failed, Failed)
    assert failed.failure.message.endswith("by SIGKILL")
    assert isinstance(await outcome(processes, "log.objects"), Succeeded)


async def test_a_resource_that_does_not_open_in_a_process_costs_the_worker_and_no_job() -> None:
    resources = [resource_of(never_opens), resource_of(never_closes)]
    processes = Processes(REGISTRY.modules, Scope(resources))
    with pytest.raises(ResourceFailedError, match="never_opens did not open: Connec") as caught:
        await outcome(processes, "log.objects")
    (note,) = caught.value.__notes__
    assert "never_closes did not close: OSError: disk full" in note
    await processes.close()


async def test_a_resource_that_ends_by_itself_is_noticed_before_the_next_job() -> None:
    processes = Processes(REGISTRY.modules, Scope([resource_of(ends_by_itself)]))
    assert isinstance(await outcome(processes, "log.objects"), Succeeded)
    with pytest.raises(ResourceFailedError, match="ends_by_itself did not hold: ConnectionErr"):
        await _until_it_fails(processes)
    await processes.close()


async def _until_it_fails(processes: Processes) -> None:
    async with asyncio.timeout(SECONDS):
        while True:  # the loop that notices stands still between jobs
            await outcome(processes, "log.objects")


async def test_an_import_that_never_ends_is_an_error(stuck: str) -> None:
    processes = Processes([stuck], Scope(), start_seconds=0.1)
    template = await template_of(processes)
    with pytest.raises(ChildStartError):
        await outcome(processes, "log.objects")
    assert template._process.returncode == -signal.SIGKILL  # noqa: SLF001 - as above
    assert await template_of(processes) is not template
    await processes.close()


async def test_it_closes_though_an_import_never_ends(stuck: str) -> None:
    processes = Processes([stuck], Scope())
    template = await template_of(processes)
    running = start(processes, "log.objects", [])
    async with asyncio.timeout(SECONDS):
        while not template._forks:  # noqa: ASYNC110, SLF001 - until it waits; nothing tells of that
            await asyncio.sleep(0)
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        await processes.close()
    assert template._process.returncode == -signal.SIGKILL  # noqa: SLF001 - as above
    assert not processes._keeping  # noqa: SLF001 - whether it leaks tasks
    with pytest.raises(ChildStartError):
        await outcome(processes, "log.objects")  # it starts none any more
