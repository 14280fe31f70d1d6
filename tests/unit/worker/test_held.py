"""Resources open in an order in which each finds what it needs; whichever fails is named."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest

from joblog.processors.worker.registry import Registry
from joblog.processors.worker.scope import held
from joblog.processors.worker.scope.errors import ResourceFailedError
from tests.unit.worker.resources import Database, Session, failing_pool, registry


async def test_resources_open_in_an_order_that_suits_them_and_close_in_reverse() -> None:
    seen: list[str] = []
    resources = registry(seen).scope().resources
    await resources.open()
    assert seen == ["open database", "open session", "start"]
    assert resources.given[Session].database is resources.given[Database]
    seen.clear()
    await resources.close()
    assert seen == ["stop", "close session", "close database"]


async def test_what_opened_before_a_resource_that_does_not_is_closed() -> None:
    seen: list[str] = []
    made = registry(seen)

    @made.resource
    async def broken(_: Session) -> AsyncIterator[None]:
        raise ConnectionError("nobody answers")
        yield

    with pytest.raises(ResourceFailedError) as caught:
        await made.scope().resources.open()
    assert caught.value.step == "open"
    assert caught.value.resource.endswith("broken")
    assert "ConnectionError: nobody answers" in str(caught.value)
    assert seen[-2:] == ["close session", "close database"]


async def test_a_resource_that_does_not_close_is_named() -> None:
    made = Registry()

    @made.resource
    def stuck() -> Iterator[None]:
        yield
        raise OSError("disk full")

    resources = made.scope().resources
    await resources.open()
    with pytest.raises(ResourceFailedError, match=r"stuck did not close: OSError: disk full"):
        await resources.close()


async def test_a_resource_that_takes_too_long_to_open_or_close_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(held, "OPEN_SECONDS", 0.01)
    monkeypatch.setattr(held, "CLOSE_SECONDS", 0.01)
    slow, waiting = Registry(), asyncio.Event()

    @slow.resource
    async def never_opens() -> AsyncIterator[None]:
        await waiting.wait()
        yield

    with pytest.raises(ResourceFailedError, match=r"never_opens did not open: it took more than"):
        await slow.scope().resources.open()

    late = Registry()

    @late.resource
    async def never_closes() -> AsyncIterator[None]:
        yield
        await waiting.wait()

    resources = late.scope().resources
    await resources.open()
    with pytest.raises(ResourceFailedError, match=r"never_closes did not close: it took more than"):
        await resources.close()


async def test_what_opens_late_is_named_and_not_what_is_closed_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(held, "OPEN_SECONDS", 0.01)
    made, waiting = Registry(), asyncio.Event()

    @made.resource
    def first() -> Iterator[Database]:
        yield Database("here")
        raise OSError("disk full")

    @made.resource
    async def second(_: Database) -> AsyncIterator[None]:
        await waiting.wait()
        yield

    with pytest.raises(ResourceFailedError, match=r"second did not open: it took more") as caught:
        await made.scope().resources.open()
    (note,) = caught.value.__notes__
    assert "first did not close: OSError: disk full" in note


async def test_what_does_not_open_is_named_and_what_does_not_close_for_it_is_noted() -> None:
    made, seen = Registry(), list[str]()

    @made.resource
    def outer() -> Iterator[Database]:
        yield Database("here")
        seen.append("outer heard nothing of it")

    @made.resource
    def middle(database: Database) -> Iterator[Session]:
        yield Session(database)
        raise OSError("disk full")

    @made.resource
    def inner(_: Session) -> Iterator[None]:
        raise ConnectionError("nobody answers")
        yield

    with pytest.raises(ResourceFailedError, match=r"inner did not open: Connection") as caught:
        await made.scope().resources.open()
    assert isinstance(caught.value.__cause__, ConnectionError)
    (note,) = caught.value.__notes__
    assert "middle did not close: OSError: disk full" in note
    assert seen == ["outer heard nothing of it"]


async def test_a_resource_that_ends_by_itself_while_others_open_is_named() -> None:
    made, failing = Registry(), asyncio.Event()
    failing_pool(made, failing)
    failing.set()

    @made.resource
    async def slow(_: Database) -> AsyncIterator[None]:
        await asyncio.Event().wait()
        yield

    with pytest.raises(ResourceFailedError, match="pool did not hold: ConnectionError: lost;"):
        await made.scope().resources.open()


async def test_a_resource_whose_background_task_fails_is_noticed() -> None:
    made, failing = Registry(), asyncio.Event()

    @made.resource
    def outer() -> Iterator[None]:
        yield

    failing_pool(made, failing)

    resources = made.scope().resources
    await resources.open()
    watching = asyncio.create_task(resources.watch())
    failing.set()
    with pytest.raises(ResourceFailedError, match="pool did not hold: ConnectionError: lost;"):
        async with asyncio.timeout(10):
            await watching


async def test_what_fails_for_one_that_ended_by_itself_is_not_blamed() -> None:
    made, failing = Registry(), asyncio.Event()
    failing_pool(made, failing)

    @made.resource
    async def session(database: Database) -> AsyncIterator[Session]:
        yield Session(database)
        raise OSError("the pool is gone")

    resources = made.scope().resources
    await resources.open()
    watching = asyncio.create_task(resources.watch())
    failing.set()
    with pytest.raises(ResourceFailedError, match="pool did not hold: ConnectionE") as caught:
        async with asyncio.timeout(10):
            await watching
    (note,) = caught.value.__notes__
    assert "session did not hold: OSError: the pool is gone" in note
