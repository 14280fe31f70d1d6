"""Calls a handler: payload in, outcome out. The same in the event loop, in threads and in processes."""

import asyncio

from pydantic import BaseModel

from joblog.processors.worker import failures
from joblog.processors.worker.call import Call
from joblog.processors.worker.context import Context, Line
from joblog.processors.worker.handlers import Handler
from joblog.processors.worker.outcomes import Cancelled, Failed, Outcome
from joblog.processors.worker.results import encode_result
from joblog.processors.worker.scope import Scope
from joblog.processors.worker.verdicts import JobCancelledError
from joblog.schemas.models.jobs import JSON
from joblog.schemas.payloads import PayloadRejectedError, payload_codec


def invoke(handler: Handler, call: Call, line: Line, scope: Scope) -> Outcome:
    """Call a plain function and return how the attempt ended; it raises nothing."""
    payload = _payload(handler, call)
    if isinstance(payload, Failed):
        return payload
    try:
        value = scope.call(handler, payload, Context(call, line))
    except BaseException as error:  # noqa: BLE001 - SystemExit too ends the attempt, not the worker
        return _raised(error, line)
    return _returned(handler, value)


async def invoke_coroutine(handler: Handler, call: Call, line: Line, scope: Scope) -> Outcome:
    """Await a coroutine function and return how the attempt ended.

    Raises:
        asyncio.CancelledError: the task was cancelled from outside.
    """
    payload = _payload(handler, call)
    if isinstance(payload, Failed):
        return payload
    try:
        value = await scope.call_coroutine(handler, payload, Context(call, line))
    except asyncio.CancelledError as error:
        if _is_cancelled():
            raise
        return failures.raised(error)  # of something that the handler awaited
    except BaseException as error:  # noqa: BLE001 - SystemExit too ends the attempt, not the worker
        return _raised(error, line)
    return _returned(handler, value)


def _payload(handler: Handler, call: Call) -> BaseModel | Failed:
    codec = payload_codec(handler.payload)
    submission = call.submission
    try:
        payload: BaseModel = (
            codec.decode_json(submission.payload)
            if submission.payload_content_type == JSON
            else codec.decode(submission.payload, call.writer)
        )
    except PayloadRejectedError as error:
        return failures.payload_rejected(str(error))
    except Exception as error:  # noqa: BLE001 - a validator of the model may raise anything
        # Its words may quote the payload, and payloads may be secret.
        return failures.payload_rejected(f"the payload's model raises {type(error).__name__}")
    return payload


def _raised(error: BaseException, line: Line) -> Outcome:
    """A handler that gives up for a cancel that nobody asked for has failed like any other."""
    if isinstance(error, JobCancelledError) and line.cancelled:
        return Cancelled()
    return failures.raised(error)


def _returned(handler: Handler, value: object) -> Outcome:
    try:
        return encode_result(value, handler.returns)
    except Exception as error:  # noqa: BLE001 - a validator of the model may raise anything
        return failures.refused(error)


def _is_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
