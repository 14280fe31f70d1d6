"""What a rebuilt state holds."""

from collections import Counter
from collections.abc import Iterator

from joblog.lifecycle.partition.keys import JOB, POSITION, after
from joblog.lifecycle.partition.view import StateView
from joblog.schemas.state import JobRow, LogPosition

CHUNK = 1_000


def entries(view: StateView, family: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield all entries of a family, ascending, a chunk at a time."""
    start = family
    while chunk := view.scan(start, after(family), CHUNK):
        yield from chunk
        start = chunk[-1][0] + b"\x00"


def position_of(view: StateView) -> int:
    """Return the offset of the last record folded into a state, -1 where there is none."""
    value = view.get(POSITION)
    return -1 if value is None else LogPosition.decode(value).offset


def jobs_by_status(view: StateView) -> dict[str, int]:
    """Return how many jobs are in each state."""
    return dict(Counter(JobRow.decode(value).status for _, value in entries(view, JOB)))
