"""A handler gets its payload and context, and whatever it does becomes an outcome."""

import asyncio
from decimal import Decimal
from fractions import Fraction
from io import BytesIO
from typing import Any

import pytest
from fastavro import schemaless_reader
from pydantic import BaseModel

from joblog.processors.worker.call import Call
from joblog.processors.worker.context import Context
from joblog.processors.worker.handlers import Handler
from joblog.processors.worker.invocation import invoke, invoke_coroutine
from joblog.processors.worker.outcomes import Cancelled, Failed, Outcome, Succeeded
from joblog.processors.worker.registry import Registry
from joblog.processors.worker.results import RESULT_BYTES, result_schema
from joblog.processors.worker.scope import Scope
from joblog.processors.worker.verdicts import JobCancelledError
from joblog.schemas.payloads import encode_payload, payload_schema
from tests.unit.worker.jobs import Number, handler
from tests.unit.worker.making import call, dispatch

registry = Registry()


class Line:
    cancelled = False

    def __init__(self) -> None:
        self.told: list[tuple[float | None, str | None]] = []

    def wait_cancelled(self, timeout: float | None) -> bool:
        return self.cancelled or timeout is None

    def heartbeat(self, progress: float | None, message: str | None) -> None:
        self.told.append((progress, message))


async def outcome_of(
    found: Handler, made: Call, line: Line | None = None, scope: Scope | None = None
) -> Outcome:
    line, scope = line or Line(), scope or Scope()
    if found.is_coroutine:
        return await invoke_coroutine(found, made, line, scope)
    return invoke(found, made, line, scope)


async def run(type_: str, number: int = 0) -> Outcome:
    return await outcome_of(handler(type_), call(dispatch(type_, number=number)))


def value_of(outcome: Outcome, returns: Any) -> Any:  # noqa: ANN401
    assert isinstance(outcome, Succeeded)
    schema = result_schema(returns)
    assert schema is not None
    assert outcome.schema == schema.fingerprint
    return schemaless_reader(BytesIO(outcome.result or b""), schema.parsed, None)


async def test_a_plain_result_is_the_value_of_a_record() -> None:
    assert value_of(await run("echo", 7), int) == {"value": 7}


async def test_a_model_is_a_record_of_its_own() -> None:
    assert value_of(await run("echo.thread", 7), handler("echo.thread").returns) == {"text": "7"}


async def test_an_exception_is_a_failure() -> None:
    outcome = await run("fail", 3)
    assert isinstance(outcome, Failed)
    assert (outcome.failure.type, outcome.failure.message) == ("ValueError", "number 3")
    assert outcome.failure.stacktrace is not None
    assert "jobs.py" in outcome.failure.stacktrace
    assert "invocation.py" not in outcome.failure.stacktrace


async def test_sys_exit_ends_the_attempt_and_not_the_worker() -> None:
    outcome = await run("sys.exit")
    assert isinstance(outcome, Failed)
    assert outcome.failure.type == "SystemExit"


@pytest.mark.parametrize(
    ("type_", "number", "words"),
    [
        ("unannotated", 0, "the return annotation says none"),
        ("wrong", 0, "not what the return annotation says"),
        ("large", RESULT_BYTES, f"{RESULT_BYTES} are allowed"),
    ],
)
async def test_a_result_that_was_not_declared_or_is_too_large_fails_for_good(
    type_: str, number: int, words: str
) -> None:
    outcome = await run(type_, number)
    assert isinstance(outcome, Failed)
    assert words in outcome.failure.message
    assert not outcome.failure.retryable


@pytest.mark.parametrize("type_", ["result.raises", "result.raises.thread", "result.secret"])
async def test_a_result_that_its_model_refuses_fails_for_good_and_is_not_shown(type_: str) -> None:
    outcome = await run(type_)
    assert isinstance(outcome, Failed)
    assert outcome.failure.type.endswith("ResultRejectedError")
    assert "sk_live" not in f"{outcome.failure}"
    assert not outcome.failure.retryable


@pytest.mark.parametrize("type_", ["echo", "echo.thread"])
@pytest.mark.parametrize("payload", [b"", b"\x02\x02", b"\xff" * 20])
async def test_a_payload_that_is_no_avro_of_the_schema_is_rejected(
    type_: str, payload: bytes
) -> None:
    outcome = await outcome_of(handler(type_), call(dispatch(type_, payload=payload)))
    assert isinstance(outcome, Failed)
    assert outcome.failure.kind == "payload_rejected"
    assert not outcome.failure.retryable


async def test_a_payload_that_the_model_refuses_is_rejected() -> None:
    class Number(BaseModel):  # the same for Avro, without the rule that n is at least 0
        n: int

    negative = encode_payload(Number(n=-1))
    outcome = await outcome_of(handler("echo"), call(dispatch(payload=negative)))
    assert isinstance(outcome, Failed)
    assert outcome.failure.kind == "payload_rejected"
    assert "n: Input should be greater than or equal to 0" in outcome.failure.message


async def test_a_payload_of_another_version_is_read_by_its_writers_schema() -> None:
    class Number(BaseModel):
        unit: str
        n: int

    older = Number(unit="m", n=5)
    made = call(dispatch(payload=encode_payload(older)), payload_schema(Number))
    assert value_of(await outcome_of(handler("echo"), made), int) == {"value": 5}


def json(payload: bytes) -> Call:
    return call(dispatch("echo", payload=payload, payload_content_type="application/json"))


async def test_a_payload_in_json_is_read_by_the_handler_s_model() -> None:
    outcome = await outcome_of(handler("echo"), json(b'{"n": 5}'))
    assert value_of(outcome, int) == {"value": 5}


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        (b"", "Invalid JSON"),
        (encode_payload(Number(n=5)), "Invalid JSON"),
        (b'{"n": -1}', "n: Input should be greater than or equal to 0"),
        (b'{"n": "a secret"}', "n: Input should be a valid integer"),
        (b"[5]", "Input should be an object"),
    ],
    ids=["empty", "Avro", "refused", "of another type", "no object"],
)
async def test_json_that_the_model_refuses_is_rejected_with_the_rule_and_without_the_value(
    payload: bytes, words: str
) -> None:
    outcome = await outcome_of(handler("echo"), json(payload))
    assert isinstance(outcome, Failed)
    assert (outcome.failure.kind, outcome.failure.retryable) == ("payload_rejected", False)
    assert f"not a payload of Number: {words}" in outcome.failure.message
    assert "a secret" not in outcome.failure.message


seen: list[Any] = []


@registry.job("context")
def look(context: Context, _: Number) -> None:
    context.heartbeat(0.5, "half")
    seen.append(context)


async def test_what_the_context_says() -> None:
    event = dispatch(
        "context", n=3, attempt=2, generation=4, max_attempts=5, deadline=1_500,
        queue="slow", tenant="acme", labels={"a": "b"},
    )  # fmt: skip
    found = registry.get("context")
    assert found is not None
    line = Line()
    assert await outcome_of(found, call(event, traceparent="00-1-2-01"), line) == Succeeded()
    [context] = seen
    assert line.told == [(0.5, "half")]
    assert (context.job_id, context.generation, context.type) == ("job-3", 4, "context")
    assert (context.attempt, context.max_attempts) == (2, 5)
    assert (context.queue, context.tenant, context.labels) == ("slow", "acme", {"a": "b"})
    assert context.deadline.isoformat() == "1970-01-01T00:00:01.500000+00:00"
    assert context.idempotency_key == "job-3/4"
    assert context.correlation_id == "job-3"
    assert context.traceparent == "00-1-2-01"
    assert context.logger.extra == {"job_id": "job-3", "job_type": "context", "attempt": 2}


@pytest.mark.parametrize("progress", [-0.1, 1.1, float("nan")])
def test_progress_is_a_share(progress: float) -> None:
    context = Context(call(dispatch()), Line())
    with pytest.raises(ValueError, match="give a share from 0 to 1"):
        context.heartbeat(progress)


def test_progress_may_be_any_real_number_and_is_told_as_a_float() -> None:
    line = Line()
    for progress in (Decimal("0.5"), Fraction(1, 2), 1, True):
        Context(call(dispatch()), line).heartbeat(progress)  # type: ignore[arg-type]
    assert [(type(told), told) for told, _ in line.told] == [
        (float, 0.5), (float, 0.5), (float, 1.0), (float, 1.0),
    ]  # fmt: skip


def test_a_message_is_text() -> None:
    line = Line()
    context = Context(call(dispatch()), line)
    with pytest.raises(TypeError, match="the message is a int: give text"):
        context.heartbeat(0.5, 42)  # type: ignore[arg-type]
    context.heartbeat(0.5, "42 rows")
    assert line.told == [(0.5, "42 rows")]


async def test_a_handler_that_stops_for_a_cancel_is_cancelled() -> None:
    line = Line()
    line.cancelled = True
    found = handler("wait.thread")
    assert await outcome_of(found, call(dispatch("wait.thread")), line) == Cancelled()


@pytest.mark.parametrize("type_", ["gives.up", "gives.up.thread"])
async def test_a_handler_that_stops_for_a_cancel_that_nobody_asked_for_has_failed(
    type_: str,
) -> None:
    found = registry.get(type_)
    assert found is not None
    outcome = await outcome_of(found, call(dispatch(type_)), Line())
    assert isinstance(outcome, Failed)
    assert (outcome.failure.type, outcome.failure.retryable) == ("joblog.JobCancelledError", True)


@registry.job("gives.up")
async def give_up(_: Number) -> None:
    raise JobCancelledError("obsolete")


@registry.job("gives.up.thread")
def give_up_in_a_thread(_: Number) -> None:
    raise JobCancelledError("obsolete")


@registry.job("awaits.cancelled")
async def await_what_is_cancelled(_: Number) -> None:
    future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    future.cancel()
    await future


async def test_a_cancelled_future_that_a_handler_awaits_is_its_failure() -> None:
    found = registry.get("awaits.cancelled")
    assert found is not None
    outcome = await outcome_of(found, call(dispatch("awaits.cancelled")))
    assert isinstance(outcome, Failed)
    assert outcome.failure.type == "asyncio.exceptions.CancelledError"


async def test_a_cancel_from_outside_is_passed_on() -> None:
    task = asyncio.create_task(outcome_of(handler("wait"), call(dispatch("wait"))))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
