"""Resources are opened before handlers run and closed after; middleware is around each call."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Annotated, Any

import pytest

from joblog.processors.worker.context import Context
from joblog.processors.worker.invocation import invoke, invoke_coroutine
from joblog.processors.worker.outcomes import Failed, Succeeded
from joblog.processors.worker.registry import Registry
from joblog.processors.worker.scope import Scope, held, resource_of
from joblog.processors.worker.scope.errors import ResourceFailedError, ScopeError
from joblog.processors.worker.verdicts import Fatal
from tests.unit.worker.jobs import Number
from tests.unit.worker.making import call, dispatch
from tests.unit.worker.test_invocation import Line


class Database:
    def __init__(self, url: str) -> None:
        self.url = url


class Session:
    def __init__(self, database: Database) -> None:
        self.database = database


def registry(seen: list[str]) -> Registry:
    """Return one whose resources note what happens to them, declared in the wrong order."""
    made = Registry()

    @made.resource
    async def session(database: Database) -> AsyncIterator[Session]:
        seen.append("open session")
        yield Session(database)
        seen.append("close session")

    @made.resource
    def database() -> Iterator[Database]:
        seen.append("open database")
        yield Database("here")
        seen.append("close database")

    @made.resource
    def hooks() -> Iterator[None]:
        seen.append("start")
        yield
        seen.append("stop")

    return made


async def test_resources_open_in_an_order_that_suits_them_and_close_in_reverse() -> None:
    seen: list[str] = []
    resources = registry(seen).scope().resources
    await resources.open()
    assert seen == ["open database", "open session", "start"]
    assert resources.given[Session].database is resources.given[Database]
    seen.clear()
    await resources.close()
    assert seen == ["stop", "close session", "close database"]


async def test_a_handler_gets_what_it_asks_for() -> None:
    made = registry([])

    @made.job("asks")
    async def asks(session: Session, _: Number, database: Database) -> str:
        return f"{session.database is database} {database.url}"

    scope = made.scope()
    await scope.resources.open()
    handler = made.get("asks")
    assert handler is not None
    outcome = await invoke_coroutine(handler, call(dispatch("asks")), Line(), scope)
    assert isinstance(outcome, Succeeded)
    assert b"True here" in (outcome.result or b"")
    await scope.resources.close()


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
    made = Registry()

    async def fail() -> None:
        raise ConnectionError("lost")

    @made.resource
    async def pool() -> AsyncIterator[Database]:
        async with asyncio.TaskGroup() as group:
            group.create_task(fail())
            yield Database("here")

    @made.resource
    async def slow(_: Database) -> AsyncIterator[None]:
        await asyncio.Event().wait()
        yield

    with pytest.raises(ResourceFailedError, match="pool did not hold: ConnectionError: lost;"):
        await made.scope().resources.open()


async def test_a_resource_whose_background_task_fails_is_noticed() -> None:
    made, failing = Registry(), asyncio.Event()

    async def fail() -> None:
        await failing.wait()
        raise ConnectionError("lost")

    @made.resource
    def outer() -> Iterator[Database]:
        yield Database("here")

    @made.resource
    async def pool(_: Database) -> AsyncIterator[None]:
        async with asyncio.TaskGroup() as group:
            group.create_task(fail())
            yield

    resources = made.scope().resources
    await resources.open()
    watching = asyncio.create_task(resources.watch())
    failing.set()
    with pytest.raises(ResourceFailedError, match="pool did not hold: ConnectionError: lost;"):
        async with asyncio.timeout(10):
            await watching


async def test_what_fails_for_one_that_ended_by_itself_is_not_blamed() -> None:
    made, failing = Registry(), asyncio.Event()

    async def fail() -> None:
        await failing.wait()
        raise ConnectionError("lost")

    @made.resource
    async def pool() -> AsyncIterator[Database]:
        async with asyncio.TaskGroup() as group:
            group.create_task(fail())
            yield Database("here")

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


def no_yield() -> None: ...


def unannotated():  # type: ignore[no-untyped-def]  # noqa: ANN201
    yield


def untyped(_) -> Iterator[None]:  # type: ignore[no-untyped-def]  # noqa: ANN001
    yield


def unknown() -> "Iterator[Nowhere]":  # type: ignore[name-defined]  # noqa: F821
    yield


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (no_yield, "it does not yield"),
        (unannotated, "say what it yields, such as Iterator"),
        (untyped, "parameter _ has no type"),
        (unknown, "name 'Nowhere' is not defined"),
    ],
)
def test_functions_that_are_no_resources(function: Callable[..., Any], words: str) -> None:
    with pytest.raises(ScopeError) as caught:
        Registry().resource(function)
    assert words in str(caught.value)
    assert caught.value.function.endswith(function.__qualname__)


def one(_: "Two") -> Iterator["One"]:
    yield One()


def two(_: "One") -> Iterator["Two"]:
    yield Two()


class One: ...


class Two: ...


def test_resources_that_need_each_other_are_refused() -> None:
    with pytest.raises(ScopeError, match=r"one needs .*two needs .*one: one of them has to do"):
        Scope([resource_of(one), resource_of(two)])


def test_a_resource_that_needs_what_none_gives_is_refused() -> None:
    with pytest.raises(ScopeError, match="no resource gives Two: declare one"):
        Scope([resource_of(one)])


def test_two_resources_of_a_type_are_told_apart_by_annotated() -> None:
    made = Registry()

    @made.resource
    def main() -> Iterator[str]:
        yield "main"

    @made.resource
    def other() -> Iterator[str]:
        yield "other"

    with pytest.raises(ScopeError, match=r"main gives str already: tell them apart by typing"):
        made.scope()

    @made.resource
    def replica() -> Iterator[Annotated[str, "replica"]]:
        yield "replica"

    named = [resource_of(main), resource_of(replica)]
    assert Scope(named).resources.gives == {str, Annotated[str, "replica"]}


def middleware_of(seen: list[str]) -> Registry:
    made = registry([])

    @made.middleware
    def outer(context: Context, database: Database) -> Iterator[None]:
        seen.append(f"outer {context.type} {database.url}")
        try:
            yield
        except KeyError as error:
            raise Fatal("no such key") from error
        finally:
            seen.append("outer ends")

    @made.middleware
    def inner() -> Iterator[None]:
        seen.append("inner")
        yield
        seen.append("inner ends")

    @made.job("plain")
    def plain(number: Number) -> int:
        seen.append("plain")
        return {0: 1}[number.n]

    @made.job("coroutine")
    async def coroutine(number: Number) -> int:
        seen.append("coroutine")
        return {0: 1}[number.n]

    return made


@pytest.mark.parametrize("type_", ["plain", "coroutine"])
async def test_middleware_is_around_each_call_the_first_outermost(type_: str) -> None:
    seen: list[str] = []
    made = middleware_of(seen)
    scope = made.scope()
    await scope.resources.open()
    handler = made.get(type_)
    assert handler is not None
    for number in (0, 1):
        what = call(dispatch(type_, number=number))
        if handler.is_coroutine:
            outcome = await invoke_coroutine(handler, what, Line(), scope)
        else:
            outcome = invoke(handler, what, Line(), scope)
        if number == 0:
            assert isinstance(outcome, Succeeded)
            assert seen == [f"outer {type_} here", "inner", type_, "inner ends", "outer ends"]
        else:
            assert isinstance(outcome, Failed)
            assert (outcome.failure.type, outcome.failure.retryable) == ("joblog.Fatal", False)
            assert seen == [f"outer {type_} here", "inner", type_, "outer ends"]
        seen.clear()
    await scope.resources.close()


async def test_an_asynchronous_middleware_is_around_coroutine_functions() -> None:
    made, seen = Registry(), list[str]()

    @made.middleware
    async def around(context: Context) -> AsyncIterator[None]:
        seen.append(context.job_id)
        await asyncio.sleep(0)
        yield
        seen.append("ends")

    @made.job("runs")
    async def runs(_: Number) -> None:
        seen.append("runs")

    handler = made.get("runs")
    assert handler is not None
    await invoke_coroutine(handler, call(dispatch("runs", n=3)), Line(), made.scope())
    assert seen == ["job-3", "runs", "ends"]


def test_a_middleware_yields_nothing() -> None:
    def gives() -> Iterator[int]:
        yield 1

    with pytest.raises(ScopeError, match="there is nobody to take it"):
        Registry().middleware(gives)
