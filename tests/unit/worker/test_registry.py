"""A function is a handler, or is refused with the reason when it is declared."""

import pickle
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import timedelta
from typing import Any, NoReturn

import pytest
from pydantic import BaseModel

from joblog.processors.worker.context import Context
from joblog.processors.worker.errors import HandlerError, NoHandlersError
from joblog.processors.worker.handlers import ASYNC, PROCESS, THREAD
from joblog.processors.worker.registry import HANDLERS, Registry, job, load_handlers
from joblog.processors.worker.scope.errors import ScopeError
from joblog.schemas.models import RetryPolicy
from joblog.schemas.payloads import PayloadTypeError, payload_schema
from tests.unit.worker import jobs
from tests.unit.worker.jobs import REGISTRY, Number, handler

LANES = ("default",)


def declare(function: Callable[..., Any], **options: Any) -> Registry:  # noqa: ANN401
    registry = Registry()
    assert registry.job("some.type", **options)(function) is function
    return registry


def test_where_handlers_run_if_they_do_not_say() -> None:
    assert handler("echo").run_in == ASYNC
    assert handler("echo.thread").run_in == THREAD
    assert handler("pid").run_in == PROCESS
    assert handler("pid.async").run_in == PROCESS


def test_what_is_declared_of_a_type() -> None:
    retry, maximum = RetryPolicy(max_attempts=2), RetryPolicy(max_attempts=9)
    registry = declare(
        jobs.echo, lane="fast", retry=retry, maximum_retry=maximum, timeout=timedelta(seconds=1.5)
    )
    [found] = registry
    type_ = found.declaration()
    assert (type_.type, type_.lane, type_.timeout_ms) == ("some.type", "fast", 1_500)
    assert (type_.retry_policy, type_.maximum_retry_policy) == (retry, maximum)
    assert type_.payload_schemas == (payload_schema(Number).fingerprint,)
    assert registry.lanes == ["fast"]


async def no_parameter() -> None: ...
async def no_model(number: int) -> None: ...
async def no_annotation(number: Number, other) -> None: ...  # type: ignore[no-untyped-def]  # noqa: ANN001
async def two_contexts(one: Number, two: Context, three: Context) -> None: ...
async def only_context(context: Context) -> None: ...
async def unknown_annotation(number: "Nowhere") -> None: ...  # type: ignore[name-defined]  # noqa: F821
async def no_avro_result(number: Number) -> complex: ...  # type: ignore[empty-body]
async def odd_result(number: Number) -> object: ...


async def generator(number: Number) -> AsyncIterator[int]:
    yield number.n


class NoAvro(BaseModel):
    anything: Any


async def no_avro(payload: NoAvro) -> None: ...


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (no_parameter, "has the parameters []"),
        (no_model, "has the parameters ['number']"),
        (no_annotation, "its parameter other has no type"),
        (generator, "generator yields"),
        (two_contexts, "has the parameters ['one', 'two', 'three']"),
        (only_context, "has the parameters ['context']"),
        (unknown_annotation, "name 'Nowhere' is not defined"),
        (Number, "is no function"),
        (print, "is no function"),
    ],
)
def test_functions_that_are_no_handlers(function: Callable[..., Any], words: str) -> None:
    with pytest.raises(HandlerError) as caught:
        declare(function)
    assert words in str(caught.value)
    assert caught.value.type == "some.type"


@pytest.mark.parametrize("function", [no_avro_result, odd_result, no_avro])
def test_payloads_and_results_without_an_avro_type(function: Callable[..., Any]) -> None:
    with pytest.raises((HandlerError, PayloadTypeError)):
        declare(function)


def test_a_handler_may_never_return() -> None:
    def never(_: Number) -> NoReturn:
        raise ValueError

    [found] = declare(never)
    assert found.result_schema is None


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"run_in": "thread"}, "is a coroutine function"),
        ({"run_in": "fiber"}, "use one of async, thread, process"),
        ({"lane": ""}, "lane=''"),
        ({"timeout": timedelta(seconds=-1)}, "timeout_ms=-1000"),
    ],
)
def test_options_that_make_no_sense(options: dict[str, Any], words: str) -> None:
    with pytest.raises(HandlerError) as caught:
        declare(jobs.echo, **options)
    assert words in str(caught.value)


def test_a_plain_function_cannot_run_in_the_event_loop() -> None:
    with pytest.raises(HandlerError, match="is no coroutine function"):
        declare(jobs.echo_in_a_thread, run_in=ASYNC)


def test_a_type_has_one_handler() -> None:
    registry = declare(jobs.echo)
    registry.job("some.type")(jobs.echo)
    with pytest.raises(HandlerError, match=r"jobs\.echo has the type already"):
        registry.job("some.type")(jobs.fail)


def test_handlers_can_be_sent_to_a_process() -> None:
    for found in REGISTRY:
        assert pickle.loads(pickle.dumps(found)) == found  # noqa: S301 - made here


def test_a_worker_with_nothing_to_run_is_refused() -> None:
    with pytest.raises(NoHandlersError):
        Registry().check(LANES)


def test_a_lane_that_the_log_does_not_have_is_refused() -> None:
    with pytest.raises(HandlerError, match="lane 'fast' is none of JOBLOG_LANES=default"):
        declare(jobs.echo, lane="fast").check(LANES)


def test_a_function_that_children_cannot_import_is_refused() -> None:
    async def inside(number: Number) -> None: ...

    with pytest.raises(HandlerError, match="at the top of a module"):
        declare(inside).check(LANES)


def test_what_no_resource_gives_is_refused() -> None:
    with pytest.raises(HandlerError, match="no resource gives Number: declare one"):
        declare(two_models).check(LANES)


async def two_models(one: Number, two: Number) -> None: ...


def test_what_a_middleware_asks_for_has_to_be_there_too() -> None:
    registry = declare(jobs.echo)
    registry.middleware(wants_a_number)
    with pytest.raises(ScopeError, match="wants_a_number is refused: no resource gives Number"):
        registry.check(LANES)


def wants_a_number(_: Number) -> Iterator[None]:
    yield


def test_an_asynchronous_middleware_is_for_coroutine_functions() -> None:
    registry = declare(jobs.echo_in_a_thread)
    registry.middleware(wait_a_turn)
    with pytest.raises(ScopeError, match="echo_in_a_thread is no coroutine function"):
        registry.check(LANES)


async def wait_a_turn() -> AsyncIterator[None]:
    yield


def test_a_resource_that_children_cannot_import_is_refused() -> None:
    def inside() -> Iterator[None]:
        yield

    registry = declare(jobs.echo)
    registry.resource(inside)
    with pytest.raises(ScopeError, match="at the top of a module, and put @resource above"):
        registry.check(LANES)


def test_what_is_around_handlers_is_loaded_with_them() -> None:
    inner, outer = declare(jobs.echo), Registry()
    inner.resource(a_number)
    inner.middleware(wants_a_number)
    outer.include(inner)
    outer.check(LANES)
    assert outer.modules == ["tests.unit.worker.jobs", "tests.unit.worker.test_registry"]
    assert outer.scope().resources.gives == {Number}


def a_number() -> Iterator[Number]:
    yield Number()


def test_a_function_behind_another_decorator_is_refused() -> None:
    registry = declare(shown)
    with pytest.raises(HandlerError, match="above other decorators"):
        registry.check(LANES)


async def hidden(number: Number) -> None: ...


shown: Any = hidden
globals()["hidden"] = jobs.echo


def test_a_function_of_the_script_that_runs_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shown, "__module__", "__main__")
    with pytest.raises(HandlerError, match="move it into a module"):
        declare(shown).check(LANES)


def test_registries_are_loaded_by_module_and_name() -> None:
    loaded = load_handlers(["tests.unit.worker.jobs:REGISTRY"])
    assert {found.type for found in loaded} == {found.type for found in REGISTRY}
    assert job == HANDLERS.job
    with pytest.raises(TypeError, match="jobs:LONG is no registry"):
        load_handlers(["tests.unit.worker.jobs:LONG"])
    with pytest.raises(ModuleNotFoundError):
        load_handlers(["tests.unit.worker.nowhere"])
