"""The handler that does nothing, as every system gets it."""

from pydantic import BaseModel

from joblog import job


class Nothing(BaseModel):
    """A payload of some 50 bytes."""

    number: int
    text: str = "x" * 40


@job("noop")
async def noop(payload: Nothing) -> int:
    """Do nothing, and say which."""
    return payload.number
