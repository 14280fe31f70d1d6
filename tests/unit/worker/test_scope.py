"""Resources are opened before handlers run and closed after; middleware is around each call."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Annotated, Any

import pytest

from joblog.processors.worker.context import Context
from joblog.processors.worker.invocation import invoke, invoke_coroutine
from joblog.processors.worker.outcomes import Failed, Succeeded
from joblog.processors.worker.registry import Registry
from joblog.processors.worker.scope import Scope, resource_of
from joblog.processors.worker.scope.errors import ScopeError
from joblog.processors.worker.verdicts import Fatal
from tests.unit.worker.jobs import Number
from tests.unit.worker.making import call, dispatch
from tests.unit.worker.resources import Database, Session, registry
from tests.unit.worker.test_invocation import Line


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
