"""Orders and errors for both applications."""

from collections.abc import Callable
from typing import Any, Final, NoReturn

import httpx

from joblog import (
    EventLoopRunsError,
    JoblogError,
    KafkaUnavailableError,
    RecordTooLargeError,
    SchedulerUnavailableError,
    UnconfirmedError,
)

KAFKA: Final = "broker-7.internal:9092"
"""Where Kafka is: nothing that a caller is told."""

JANUARY: Final[dict[str, Any]] = {"month": "2026-01", "cents": [1_200, 350]}
MADE: Final = {"month": "2026-01", "sales": 2, "total_cents": 1_550}

BAD_ORDERS: Final[dict[str, tuple[dict[str, object], dict[str, str]]]] = {
    "no sales": ({"month": "2026-01"}, {"Idempotency-Key": "1"}),
    "no month": ({"month": "January", "cents": []}, {"Idempotency-Key": "1"}),
    "no key": (JANUARY, {}),
    "an empty key": (JANUARY, {"Idempotency-Key": ""}),
    "a long key": (JANUARY, {"Idempotency-Key": 513 * "x"}),
    "more than Avro's long": ({"month": "2026-01", "cents": [2**63]}, {"Idempotency-Key": "1"}),
}

FAILURES: Final[list[tuple[JoblogError, int]]] = [
    (RecordTooLargeError("joblog.events", 2, 1), httpx.codes.REQUEST_ENTITY_TOO_LARGE),
    (KafkaUnavailableError(KAFKA, "refused"), httpx.codes.SERVICE_UNAVAILABLE),
    (UnconfirmedError(1, "timed out"), httpx.codes.SERVICE_UNAVAILABLE),
    (SchedulerUnavailableError(0, 2.0, "none"), httpx.codes.SERVICE_UNAVAILABLE),
    (EventLoopRunsError(), httpx.codes.INTERNAL_SERVER_ERROR),
]


def failing(error: JoblogError) -> Callable[..., NoReturn]:
    """Return a function that raises an error, whatever it is given."""

    def fail(*_: object, **__: object) -> NoReturn:
        raise error

    return fail
