"""What handlers returned, read back from the tables; it says which jobs ran."""

from collections.abc import Iterable
from typing import Final, TypeVar

from pydantic import BaseModel

from benchmarks.result import WrongJobsError
from joblog.schemas.payloads import payload_codec, return_value
from joblog.schemas.state import JobRow

SHOWN: Final = "joblog"

Model = TypeVar("Model", bound=BaseModel)


def returned(rows: Iterable[JobRow], model: type[Model]) -> dict[str, Model]:
    """Return what the handlers of jobs returned, by job id; jobs without a result are left out."""
    codec = payload_codec(model)
    return {row.job_id: codec.decode(row.result) for row in rows if row.result is not None}


def returned_numbers(rows: Iterable[JobRow]) -> list[int]:
    """Return what handlers that return a plain number returned."""
    return [one.model_dump()["value"] for one in returned(rows, return_value(int)).values()]


def check(numbers: Iterable[int], jobs: int) -> None:
    """Check that each of so many jobs, numbered from 0, said its number, and none beside them.

    Raises:
        WrongJobsError: it is not so.
    """
    found = sorted(numbers)
    if found != list(range(jobs)):
        raise WrongJobsError(SHOWN, jobs, len(found))
