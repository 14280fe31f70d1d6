"""A handler that does nothing."""

from pydantic import BaseModel

from joblog import job


class Nothing(BaseModel):
    """A payload."""

    number: int


@job("nothing")
async def nothing(payload: Nothing) -> int:
    """Say which job it was."""
    return payload.number
