"""A child process ends when it has ended, and what it had sent until then counts."""

import asyncio
import socket
from collections.abc import AsyncIterator
from typing import cast

import pytest
import pytest_asyncio

from joblog.processors.worker.executors.abc import Run
from joblog.processors.worker.executors.child import Child, ChildDied
from joblog.processors.worker.executors.child_main import BEGUN, HEARTBEAT, OUTCOME
from joblog.processors.worker.executors.frames import frame
from joblog.processors.worker.executors.template import Forked, Template
from joblog.processors.worker.outcomes import Succeeded
from joblog.processors.worker.reporter import nothing
from joblog.processors.worker.scope import Scope
from tests.unit.worker.jobs import handler
from tests.unit.worker.making import call, dispatch

SECONDS = 20.0
PID = 4_711


class FakeTemplate:
    """Forks what the test plays."""

    def __init__(self) -> None:
        self.ended: asyncio.Future[int | None] = asyncio.get_running_loop().create_future()
        self.killed: list[int] = []
        self.theirs: socket.socket | None = None

    async def fork(self, connection: socket.socket) -> Forked:
        self.theirs = (
            connection.dup()
        )  # whatever ends, this stays open, as with a process it forked
        return Forked(PID, self.ended)

    def kill(self, child: int) -> None:
        self.killed.append(child)
        self.ended.set_result(-9)

    def send(self, *messages: tuple[object, ...]) -> None:
        assert self.theirs is not None
        self.theirs.sendall(b"".join(frame(message) for message in messages))


@pytest_asyncio.fixture
async def template() -> AsyncIterator[FakeTemplate]:
    made = FakeTemplate()
    yield made
    if made.theirs is not None:
        made.theirs.close()


@pytest_asyncio.fixture
async def child(template: FakeTemplate) -> AsyncIterator[Child]:
    started = await Child.start(cast("Template", template), Scope())
    yield started
    await started.end()


def a_run(told: list[str | None]) -> Run:
    return Run(handler("pid"), call(dispatch("pid")), lambda _, text: told.append(text), nothing)


async def test_an_outcome_sent_before_the_process_ended_counts(
    child: Child, template: FakeTemplate
) -> None:
    told: list[str | None] = []
    template.send((BEGUN,), (HEARTBEAT, None, "x" * 100_000), (OUTCOME, Succeeded()))
    template.ended.set_result(0)
    async with asyncio.timeout(SECONDS):
        assert await child.run(b"", a_run(told)) == Succeeded()
    assert [len(text or "") for text in told] == [100_000]


async def test_a_process_that_ended_has_died_though_its_connection_is_open(
    child: Child, template: FakeTemplate
) -> None:
    template.send((BEGUN,))
    running = asyncio.create_task(child.run(b"", a_run([])))
    asyncio.get_running_loop().call_soon(template.ended.set_result, 3)
    async with asyncio.timeout(SECONDS):
        with pytest.raises(ChildDied) as death:
            await running
    assert (death.value.exit_code, death.value.begun) == (3, True)
    assert not template.killed  # its number may be another's by now


async def test_a_process_that_ended_while_idle_takes_no_run(
    child: Child, template: FakeTemplate
) -> None:
    assert child.alive
    heard = asyncio.Event()
    template.ended.add_done_callback(lambda _: heard.set())
    template.ended.set_result(0)
    await heard.wait()
    assert not child.alive


async def test_a_process_outlives_its_template(child: Child, template: FakeTemplate) -> None:
    template.ended.set_result(None)
    running = asyncio.create_task(child.run(b"", a_run([])))
    template.send((BEGUN,))
    template.send((OUTCOME, Succeeded()))
    async with asyncio.timeout(SECONDS):
        assert await running == Succeeded()
    assert child.alive
