"""What a line of the input is: a job, or none and why."""

from collections.abc import Iterator
from typing import NamedTuple

from joblog.client.payloads import Payload


class Job(NamedTuple):
    """A job to be submitted.

    Attributes:
        line: number of the line where it begins, from 1.
        payload: the encoded payload.
        key: its idempotency key, None where the input names none.
        row: what stands there: the cells of CSV, or the text of a JSON line.
    """

    line: int
    payload: Payload
    key: str | None
    row: list[str] | str


class Refused(NamedTuple):
    """A line that is no job.

    Attributes:
        line: number of the line where it begins, from 1.
        reason: what is wrong with it; it shows no values.
        row: what stands there.
    """

    line: int
    reason: str
    row: list[str] | str


Rows = Iterator[Job | Refused]
