"""What becomes of calls that wait for an answer when their client is closed."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import pytest
from pydantic import BaseModel

from joblog import Client, ClientClosedError, Settings
from joblog.client.calls import Calls
from joblog.client.errors import JobTimeoutError
from tests.unit.sdk.followers import FakeKafka

LONG = 3_600.0


class Mail(BaseModel):
    to: str = "ada"


Call = Callable[[Client], Coroutine[Any, Any, object]]


async def _list(client: Client) -> object:
    return [job async for job in client.jobs(timeout=LONG)]


CALLS: dict[str, Call] = {
    "get": lambda client: client.get("job", timeout=LONG),
    "wait": lambda client: client.wait("job", timeout=LONG),
    "result": lambda client: client.result("job", str, timeout=LONG),
    "cancel": lambda client: client.cancel("job", timeout=LONG),
    "jobs": _list,
}
REFUSED: dict[str, Call] = {**CALLS, "submit": lambda client: client.submit("mail", Mail())}


@pytest.fixture
async def client(kafka: FakeKafka) -> AsyncIterator[Client]:
    """A client that is connected, and that no scheduler answers."""
    client = Client(Settings())
    async with client:
        assert kafka.followers
        yield client


async def begun(calling: Coroutine[Any, Any, object]) -> asyncio.Task[object]:
    """Return a call that waits for its answer."""
    task = asyncio.create_task(calling)
    await asyncio.sleep(0)
    assert not task.done()
    return task


@pytest.mark.parametrize("name", CALLS)
async def test_a_call_that_waits_is_told_that_the_client_was_closed(
    client: Client, name: str
) -> None:
    waiting = await begun(CALLS[name](client))
    await client.__aexit__(None, None, None)
    with pytest.raises(ClientClosedError, match="closed before this call had its answer"):
        await waiting


async def test_a_task_that_is_cancelled_sees_that_it_is(client: Client) -> None:
    waiting = await begun(client.wait("job", timeout=LONG))
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_a_task_that_is_cancelled_as_the_client_is_closed_sees_that_it_is(
    client: Client,
) -> None:
    waiting = await begun(client.wait("job", timeout=LONG))
    closing = await begun(client.__aexit__(None, None, None))
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await closing


@pytest.mark.parametrize("name", REFUSED)
async def test_a_client_that_is_closed_refuses_calls(client: Client, name: str) -> None:
    await client.__aexit__(None, None, None)
    with pytest.raises(ClientClosedError):
        await REFUSED[name](client)


async def test_a_client_that_was_closed_may_be_opened_again(client: Client) -> None:
    await client.__aexit__(None, None, None)
    async with client:
        waiting = await begun(client.wait("job", timeout=LONG))
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting


async def test_closing_is_over_once_the_calls_have_ended() -> None:
    calls, ended = Calls(), asyncio.Event()

    async def ends_slowly() -> None:
        async with calls.one():
            try:
                await asyncio.Event().wait()
            finally:
                await ended.wait()

    waiting = await begun(ends_slowly())
    closing, again = await begun(calls.close()), await begun(calls.close())
    ended.set()
    await asyncio.gather(closing, again)
    with pytest.raises(ClientClosedError):
        await waiting


async def test_an_answer_that_comes_as_the_client_is_closed_counts() -> None:
    calls = Calls()

    async def comes_to_its_own_end() -> None:
        async with calls.one():
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                raise JobTimeoutError("job", 1.0, None) from None

    waiting = await begun(comes_to_its_own_end())
    await calls.close()
    with pytest.raises(JobTimeoutError):
        await waiting
