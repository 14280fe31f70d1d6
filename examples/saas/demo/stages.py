"""How long jobs were in each stage."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from math import ceil
from typing import Final, NamedTuple, Self

from joblog import Job

_MILLISECOND: Final = timedelta(milliseconds=1)

Span = tuple[datetime | None, datetime | None]


class Spread(NamedTuple):
    """Percentiles of lengths of time, in ms, by nearest rank."""

    p50: float
    p99: float

    @classmethod
    def of(cls, spans: Iterable[Span]) -> Self | None:
        """Return the spread of those spans that have begun and ended; None where there are none."""
        lengths = sorted((end - start) / _MILLISECOND for start, end in spans if start and end)
        if not lengths:
            return None
        return cls(*(lengths[ceil(share * len(lengths)) - 1] for share in (0.50, 0.99)))


class Stages(NamedTuple):
    """Spread of the time in each stage.

    Attributes:
        queued: from the submission to the dispatch.
        waited: from the dispatch to the start of the handler.
        ran: from the start of the handler to the end of the job.
        total: from the submission to the end of the job.
    """

    queued: Spread | None
    waited: Spread | None
    ran: Spread | None
    total: Spread | None

    @classmethod
    def of(cls, jobs: Iterable[Job]) -> Self:
        """Return the stages of those jobs that ran once; retries have their waits in between."""
        once = [job for job in jobs if job.attempt == 1]
        return cls(
            queued=Spread.of((job.submitted_at, job.dispatched_at) for job in once),
            waited=Spread.of((job.dispatched_at, job.started_at) for job in once),
            ran=Spread.of((job.started_at, job.finished_at) for job in once),
            total=Spread.of((job.submitted_at, job.finished_at) for job in once),
        )
