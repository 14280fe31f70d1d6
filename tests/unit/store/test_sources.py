"""Which entries are read again after a changelog was read."""

from pathlib import Path

import pytest

from joblog.streams.store import MemoryBudget
from joblog.streams.store.local import LocalDatabase
from joblog.streams.store.sources import Sources

FAMILIES = (b"j", b"l")
CHANGES = [
    (b"ja", b"waits"),
    (b"jb", b"ended"),
    (b"jc", b"waits"),
    (b"jc", b"ended"),
    (b"jd", b"waits"),
    (b"jd", None),
    (b"je", b"ended"),
    (b"je", b"waits"),
    (b"lf", b"waits"),
]
WAITING = {b"ja": b"waits", b"je": b"waits", b"lf": b"waits"}
KEPT = WAITING | {b"jb": b"ended", b"jc": b"ended"}


def found_again(directory: Path, most: int) -> dict[bytes, bytes]:
    local = LocalDatabase(directory, MemoryBudget())
    sources = Sources(lambda _, value: value == b"waits", most)
    for start in range(0, len(CHANGES), 2):
        changes = CHANGES[start : start + 2]
        local.load(changes)
        sources.note(changes)
    return dict(entry for entries in sources.entries(local, FAMILIES) for entry in entries)


def test_only_what_has_local_entries_is_read_again(tmp_path: Path) -> None:
    assert found_again(tmp_path, most=10) == WAITING


@pytest.mark.parametrize("most", [0, 1, 2])
def test_all_is_read_again_where_that_is_too_much_to_remember(tmp_path: Path, most: int) -> None:
    assert found_again(tmp_path, most) == KEPT
