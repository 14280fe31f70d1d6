"""Walking over a whole family of a state, a bounded number of entries at a time."""

from collections.abc import Iterator
from typing import Final

from joblog.lifecycle.partition.keys import after
from joblog.lifecycle.partition.view import StateView

CHUNK: Final = 1_000


def chunks(view: StateView, family: bytes) -> Iterator[list[tuple[bytes, bytes]]]:
    """Yield all entries of a family, ascending, `CHUNK` at a time."""
    start, stop = family, after(family)
    while entries := view.scan(start, stop, CHUNK):
        yield entries
        start = entries[-1][0] + b"\x00"
