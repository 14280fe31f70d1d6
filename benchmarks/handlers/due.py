"""The handler of jobs that are due at a time, of which some ask for it at their first attempt."""

import time
from datetime import timedelta

from pydantic import BaseModel

from joblog import Context, RetryAfter, job


class Due(BaseModel):
    """A job that is due `at`, in seconds since the Unix epoch; `retried` if it fails once to be so."""

    number: int
    at: float
    retried: bool


class Started(BaseModel):
    """Which job it was, and when its last attempt began, in seconds since the Unix epoch."""

    number: int
    at: float


@job("due")
async def due(payload: Due, context: Context) -> Started:
    """Say when it began; ask first for a retry at the time where the job is one of those."""
    now = time.time()
    if payload.retried and context.attempt == 1:
        raise RetryAfter(timedelta(seconds=max(0.0, payload.at - now)))
    return Started(number=payload.number, at=now)
