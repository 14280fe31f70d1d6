"""What a rebuilt state holds."""

from collections import Counter
from collections.abc import Iterator
from itertools import chain

from joblog.lifecycle.partition.keys import JOB, POSITION
from joblog.lifecycle.partition.scanning import chunks
from joblog.lifecycle.partition.view import StateView
from joblog.schemas.state import JobRow, LogPosition


def entries(view: StateView, family: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield all entries of a family, ascending."""
    return chain.from_iterable(chunks(view, family))


def position_of(view: StateView) -> int:
    """Return the offset of the last record folded into a state, -1 where there is none."""
    value = view.get(POSITION)
    return -1 if value is None else LogPosition.decode(value).offset


def jobs_by_status(view: StateView) -> dict[str, int]:
    """Return how many jobs are in each state."""
    return dict(Counter(JobRow.decode(value).status for _, value in entries(view, JOB)))
