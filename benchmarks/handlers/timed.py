"""The handler that says how long its job was on its way."""

import time

from pydantic import BaseModel

from joblog import job


class Timed(BaseModel):
    """A payload that knows when it was submitted, in seconds since the Unix epoch."""

    number: int
    submitted: float


class Arrived(BaseModel):
    """Which job it was, and how many seconds passed from before its submission until its handler ran."""

    number: int
    seconds: float


@job("timed")
async def timed(payload: Timed) -> Arrived:
    """Say how long it took to get here."""
    return Arrived(number=payload.number, seconds=time.time() - payload.submitted)
