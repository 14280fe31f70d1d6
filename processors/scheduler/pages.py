"""Pages of a partition's jobs, for those who look for jobs of which they have no id."""

import asyncio
from collections.abc import Mapping
from typing import Final, NamedTuple, Self

from joblog.lifecycle.partition.fold import PartitionFold
from joblog.schemas.state import JobRow

MOST_JOBS: Final = 500
"""Jobs on a page."""

MOST_LOOKED_AT: Final = 5_000
"""Rows that are looked at for a page; where few are wanted a page may be short, or empty."""

ROWS_A_TURN: Final = 100
"""Rows that are looked at without a pause: some ms."""


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
        rows: their rows, ascending by id.
        behind: the id behind which the next page begins; None where there is nothing more.
        offset: the offset up to which they are folded at least.
    """

    rows: list[JobRow]
    behind: str | None
    offset: int


async def page_of(fold: PartitionFold, wanted: Wanted, behind: str) -> Page:
    """Return the jobs that are looked for and whose ids are greater than one, as far as a page goes."""
    found: list[JobRow] = []
    offset = fold.offset  # each row is as of then, or later
    for _ in range(0, MOST_LOOKED_AT, ROWS_A_TURN):
        rows = fold.rows(behind, ROWS_A_TURN)
        found += filter(wanted.has, rows)
        if len(rows) < ROWS_A_TURN:
            return Page(found, None, offset)
        behind = rows[-1].opening.job_id
        if len(found) >= MOST_JOBS:
            break
        await asyncio.sleep(0)
    return Page(found, behind, offset)
