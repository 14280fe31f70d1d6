"""Which HTTP status says what joblog says."""

import logging
from http import HTTPStatus
from typing import Final

from joblog import (
    ClientClosedError,
    JoblogError,
    JobNotFoundError,
    KafkaUnavailableError,
    PayloadRejectedError,
    RecordTooLargeError,
    SchedulerUnavailableError,
    SubmissionRefusedError,
    UnconfirmedError,
)

logger = logging.getLogger(__name__)

STATUS_OF: Final = {
    SubmissionRefusedError: HTTPStatus.UNPROCESSABLE_ENTITY,
    PayloadRejectedError: HTTPStatus.UNPROCESSABLE_ENTITY,
    RecordTooLargeError: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    JobNotFoundError: HTTPStatus.NOT_FOUND,
    KafkaUnavailableError: HTTPStatus.SERVICE_UNAVAILABLE,
    UnconfirmedError: HTTPStatus.SERVICE_UNAVAILABLE,
    SchedulerUnavailableError: HTTPStatus.SERVICE_UNAVAILABLE,
    ClientClosedError: HTTPStatus.SERVICE_UNAVAILABLE,
}
"""The caller's mistakes, and what is away for a while. Any other error is a mistake of the application: 500."""

ANSWER_SECONDS: Final = 2.0
"""How long a request waits for a scheduler's answer: less than whoever sent it waits."""

RETRY_AFTER: Final = {"Retry-After": "1"}


def status_of(error: JoblogError) -> HTTPStatus | None:
    """Return the status that stands for an error; None where it is the application's own mistake."""
    return STATUS_OF.get(type(error))


def detail_of(error: JoblogError, status: HTTPStatus) -> str:
    """Return what the caller is told; what is away, and where, is for the application's log alone."""
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        logger.error("%s", error)
        return "jobs cannot be taken or asked for now: send the request again, with the same Idempotency-Key"
    return str(error)


def headers_of(status: HTTPStatus) -> dict[str, str]:
    """Return the headers of an answer: what failed for now can be sent again, with the same key."""
    return RETRY_AFTER if status == HTTPStatus.SERVICE_UNAVAILABLE else {}
