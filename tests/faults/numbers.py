"""The payload of the jobs under faults."""

from pydantic import BaseModel


class Number(BaseModel):
    """A number."""

    number: int
