"""What a worker logs of attempts that have failed: the same as the log of jobs has, where its people look."""

import logging
from typing import Final

from joblog.processors.worker.attempt import Attempt
from joblog.processors.worker.outcomes import Failed, Outcome

logger: Final = logging.getLogger("joblog.job")


def log_failure(attempt: Attempt, outcome: Outcome) -> None:
    """Log a failed attempt as a warning, with the handler's traceback; nothing of any other outcome.

    The record has the attributes `job_id`, `job_type` and `attempt`, as those of `Context.logger`.
    """
    if not isinstance(outcome, Failed):
        return
    dispatch, failure = attempt.dispatch, outcome.failure
    logger.warning(
        "attempt %d of job %r (%s) failed: %s",
        dispatch.attempt,
        dispatch.job_id,
        attempt.label,
        (failure.stacktrace or f"{failure.type}: {failure.message}").rstrip(),
        extra={"job_id": dispatch.job_id, "job_type": attempt.label, "attempt": dispatch.attempt},
    )
