"""Pages of a partition's jobs, for those who look for jobs of which they have no id."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any, Final, NamedTuple, Self

from joblog.lifecycle.partition.fold import PartitionFold
from joblog.processors.scheduler.answers import job_as_json
from joblog.schemas.state import JobRow

MOST_JOBS: Final = 500
"""Jobs on a page, at most."""

MOST_BYTES: Final = 1024 * 1024
"""Bytes of a page's jobs as JSON, at most; each may have a result, and an answer is encoded without a pause. A job
that is larger would have a page of its own."""

MOST_LOOKED_AT: Final = 5_000
"""Rows that are looked at for a page, at most; where few are wanted a page may be short, or empty."""

ROWS_A_TURN: Final = 100
"""Rows that are looked at without a pause, at most: some ms."""

BYTES_A_TURN: Final = 4 * 1024 * 1024
"""Bytes of rows after which a pause is made and they are let go: each may have a submission of a megabyte."""


class Wanted(NamedTuple):
    """Which jobs are looked for; None is any.

    Attributes:
        status: in this state.
        type: of this type.
        queue: in this queue.
        tenant: of this tenant.
    """

    status: str | None = None
    type: str | None = None
    queue: str | None = None
    tenant: str | None = None

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Self:
        """Return what the parameters of a URL say."""
        return cls(*(query.get(name) for name in cls._fields))

    @property
    def query(self) -> dict[str, str]:
        """Itself as parameters of a URL."""
        return {name: value for name, value in self._asdict().items() if value is not None}

    def has(self, row: JobRow) -> bool:
        """Return whether a row is of a job that is looked for."""
        found = (row.status, row.type, row.opening.queue, row.opening.tenant)
        return all(want is None or want == one for want, one in zip(self, found, strict=True))


class Page(NamedTuple):
    """Some jobs of a partition.

    Attributes:
        jobs: what an answer shows of them, ascending by id.
        behind: the id behind which the next page begins; None where there is nothing more.
        offset: the offset up to which they are folded at least.
    """

    jobs: list[dict[str, Any]]
    behind: str | None
    offset: int


async def page_of(fold: PartitionFold, wanted: Wanted, behind: str) -> Page:
    """Return the jobs that are looked for and whose ids are greater than one, as far as a page goes."""
    page = _Jobs()
    offset = fold.offset  # each row is as of then, or later
    for _ in range(0, MOST_LOOKED_AT, ROWS_A_TURN):
        rows, more = fold.rows(behind, ROWS_A_TURN, BYTES_A_TURN)
        for row in rows:
            if wanted.has(row) and not page.takes(job_as_json(row, fold.waits_for(row))):
                return Page(page.jobs, behind, offset)
            behind = row.job_id
        if not more:
            return Page(page.jobs, None, offset)
        if page.is_full:
            break
        del rows
        await asyncio.sleep(0)
    return Page(page.jobs, behind, offset)


class _Jobs:
    """The jobs of a page, until there is no more room.

    Attributes:
        jobs: those that are on it.
    """

    def __init__(self) -> None:
        self.jobs: list[dict[str, Any]] = []
        self._bytes = 0

    @property
    def is_full(self) -> bool:
        """Whether it has all the jobs that it may have."""
        return len(self.jobs) >= MOST_JOBS

    def takes(self, job: dict[str, Any]) -> bool:
        """Put a job on the page, or return False where there is no room for it; there is for one always."""
        size = len(json.dumps(job))
        if self.is_full or (self.jobs and self._bytes + size > MOST_BYTES):
            return False
        self.jobs.append(job)
        self._bytes += size
        return True
