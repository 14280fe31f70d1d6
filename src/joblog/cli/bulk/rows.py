"""What a line of the input is: a job, or none and why."""

from collections.abc import Iterator
from typing import NamedTuple

from joblog.client.payloads import Payload


class Job(NamedTuple):
    """A job to be submitted.

    Attributes:
        line: number of the line where it begins, from 1.
        last: number of the line where it ends.
        payload: the encoded payload.
        key: its idempotency key, None where the input names none.
        row: what stands there: the cells of CSV, or the text of a JSON line.
    """

    line: int
    last: int
    payload: Payload
    key: str | None
    row: list[str] | str


class Refused(NamedTuple):
    """A line that is no job, or several that are no CSV.

    Attributes:
        line: number of the line where it begins, from 1.
        last: number of the line where it ends.
        reason: what is wrong with it; it shows no values.
        row: what stands there: as for a job, and the text of what is no CSV.
    """

    line: int
    last: int
    reason: str
    row: list[str] | str


Rows = Iterator[Job | Refused]
