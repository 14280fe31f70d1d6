"""Local state that cannot be read is rebuilt, with a line in the log and no crash."""

import logging
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from joblog.streams.store import LocalStateError
from joblog.streams.store.local import LocalDatabase
from tests.kafka.store.model import all_entries, commit_up_to, nth_commit, state_after
from tests.kafka.store.place import MEMORY, Place, leave_state

COMMITS = 10


def one(directory: Path, pattern: str) -> Path:
    [*_, found] = sorted(directory.glob(pattern))
    return found


def truncate_rows(directory: Path) -> None:
    table = one(directory, "*.sst")
    table.write_bytes(table.read_bytes()[: table.stat().st_size // 2])


def truncate_manifest(directory: Path) -> None:
    one(directory, "MANIFEST-*").write_bytes(b"")


def garble_current(directory: Path) -> None:
    (directory / "CURRENT").write_text("no manifest")


def delete_rows(directory: Path) -> None:
    one(directory, "*.sst").unlink()


def replace_by_garbage(directory: Path) -> None:
    for file in directory.iterdir():
        file.write_bytes(b"garbage")


async def expect_rebuilt(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    store = place.store()
    with caplog.at_level(logging.WARNING, "joblog.streams.store"):
        await store.open()
    assert store.rebuilt
    assert all_entries(store) == all_entries(state_after(COMMITS))
    [warning] = [record for record in caplog.records if record.name.startswith("joblog")]
    assert warning.getMessage().startswith("partition 0: the local state in ")
    assert str(place.directory()) in warning.getMessage()
    await store.commit(nth_commit(store, COMMITS + 1))
    await store.close()


@pytest.mark.parametrize(
    "damage",
    [truncate_rows, delete_rows, truncate_manifest, garble_current, replace_by_garbage],
    ids=lambda damage: damage.__name__,
)
async def test_a_damaged_database_is_rebuilt(
    place: Place, damage: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    await leave_state(place, COMMITS)
    damage(place.directory())
    await expect_rebuilt(place, caplog)


async def test_damage_found_while_reading_ends_the_owner_and_the_next_rebuilds(
    place: Place,
) -> None:
    """A block is only checked when it is read."""
    rows = {b"jrow-%04d" % number: b"\x00\x01" + os.urandom(1_000) for number in range(1_000)}
    store = place.store()
    await store.open()
    await store.commit([*rows.items()])
    await store.close()
    table = one(place.directory(), "*.sst")
    content = table.read_bytes()
    middle = len(content) // 2
    table.write_bytes(content[:middle] + b"damaged" + content[middle + 7 :])
    store = place.store()
    await store.open()
    assert not store.rebuilt
    with pytest.raises(LocalStateError):
        all_entries(store)
    await store.close()
    store = place.store()
    await store.open()
    assert store.rebuilt
    assert all(store.get(key) == value for key, value in rows.items())


async def test_a_lost_end_of_the_write_ahead_log_is_read_again(place: Place) -> None:
    """As after a power failure: the local copy is older, and whole."""
    running = place.store()
    await running.open()
    await commit_up_to(running, COMMITS)
    shutil.copytree(place.directory(), place.directory(disk="copy"))
    journal = max(place.directory(disk="copy").glob("*.log"), key=lambda file: file.stat().st_size)
    journal.write_bytes(journal.read_bytes()[: journal.stat().st_size // 2])
    store = place.store(disk="copy")
    await store.open()
    assert not store.rebuilt
    assert store.records_recovered > 0
    assert all_entries(store) == all_entries(state_after(COMMITS))


async def test_a_rebuild_that_was_interrupted_begins_again(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    await leave_state(place, COMMITS, disk="elsewhere")
    unfinished = LocalDatabase(place.directory(), MEMORY)
    unfinished.write([(b"jhalf", b"\x00\x01")])
    unfinished.close()
    await expect_rebuilt(place, caplog)
