"""Why attempts fail, in the words of events: exceptions as OpenTelemetry's exception attributes.

Source: OpenTelemetry semantic conventions, "Exceptions".
"""

import signal
import traceback
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Final

from joblog.processors.worker.outcomes import Failed
from joblog.processors.worker.verdicts import Fatal, RetryAfter
from joblog.schemas.models import Failure

MESSAGE_CHARACTERS: Final = 2_048
STACKTRACE_BYTES: Final = 8 * 1024

_HERE: Final = str(Path(__file__).parent)
_MILLISECOND: Final = timedelta(milliseconds=1)


def raised(error: BaseException) -> Failed:
    """Return the failure of an attempt whose handler raised."""
    failure = Failure(
        kind="error",
        type=_type_of(error),
        message=_message_of(error),
        stacktrace=_stacktrace_of(error),
        retryable=not isinstance(error, Fatal),
    )
    return Failed(failure, _wish_of(error))


def refused(error: Exception) -> Failed:
    """Return the failure of an attempt whose handler did not return what it declared."""
    failure = Failure(
        kind="error", type=_type_of(error), message=_message_of(error), retryable=False
    )
    return Failed(failure)


def payload_rejected(message: str) -> Failed:
    """Return the failure of an attempt whose payload cannot be read."""
    failure = Failure(
        kind="payload_rejected",
        type="PayloadRejectedError",
        message=clipped(message),
        retryable=False,
    )
    return Failed(failure)


def unknown_type(type_: str) -> Failed:
    """Return the failure of an attempt that came to a worker without its handler."""
    message = f"this worker has no handler of {type_!r}: give all workers of a lane the handlers of its types"
    return Failed(Failure(kind="unknown_type", type="HandlerError", message=message))


def timed_out(timeout_ms: int) -> Failed:
    """Return the failure of an attempt that ran too long."""
    message = f"the attempt ran longer than its timeout of {timeout_ms} ms"
    return Failed(Failure(kind="timeout", type="TimeoutError", message=message))


def process_died(exit_code: int | None) -> Failed:
    """Return the failure of an attempt whose process ended in the middle of it.

    Args:
        exit_code: its exit code; negative, the number of the signal that ended it; None if unknown.
    """
    message = f"the process of the attempt ended {_how(exit_code)}"
    return Failed(Failure(kind="process_died", type="ProcessDiedError", message=message))


def _how(exit_code: int | None) -> str:
    if exit_code is None:
        return "in an unknown way"
    if exit_code >= 0:
        return f"with exit code {exit_code}"
    try:
        return f"by {signal.Signals(-exit_code).name}"
    except ValueError:
        return f"by signal {-exit_code}"


def _type_of(error: BaseException) -> str:
    class_ = type(error)
    if class_.__module__ == "builtins":
        return class_.__qualname__
    return f"{class_.__module__}.{class_.__qualname__}"


def _wish_of(error: BaseException) -> int | None:
    delay = getattr(error, "delay", None) if isinstance(error, RetryAfter) else None
    return delay // _MILLISECOND if isinstance(delay, timedelta) else None


def _message_of(error: BaseException) -> str:
    try:
        return clipped(str(error))
    except BaseException as broken:  # noqa: BLE001 - a handler's exception may have any __str__
        return f"(its text cannot be had: {type(broken).__name__})"


def _stacktrace_of(error: BaseException) -> str:
    try:
        lines = traceback.format_exception(type(error), error, _own_frames(error.__traceback__))
    except BaseException:  # noqa: BLE001 - as above
        lines = traceback.format_tb(error.__traceback__)
    encoded = "".join(lines).encode("utf-8", "replace")
    # the end says what was raised and where; the beginning is how one got there
    return encoded[-STACKTRACE_BYTES:].decode("utf-8", "ignore")


def _own_frames(trace: TracebackType | None) -> TracebackType | None:
    """Leave out how the worker came to call the handler."""
    first = trace
    while first is not None and first.tb_frame.f_code.co_filename.startswith(_HERE):
        first = first.tb_next
    return first or trace


def clipped(message: str) -> str:
    """Return a message of bounded length that can be encoded, whatever is in it."""
    return message[:MESSAGE_CHARACTERS].encode("utf-8", "replace").decode()
