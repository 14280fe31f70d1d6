"""The local database: atomic writes, its own keys, damage."""

import os
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path

import pytest

from joblog.streams.store import LocalStateError, MemoryBudget
from joblog.streams.store.changelog import Tail
from joblog.streams.store.checkpoint import Checkpoint
from joblog.streams.store.local import LocalDatabase, delete_local

CHECKPOINT = Checkpoint("1", 1_000, {"jobs": Tail(7, b"7")})
ROWS = {b"j%04d" % number: os.urandom(1_000) for number in range(1_000)}
MIDDLE = b"j0500"


def open_database(directory: Path) -> LocalDatabase:
    return LocalDatabase(directory, MemoryBudget())


def test_a_new_database_has_no_checkpoint(tmp_path: Path) -> None:
    assert open_database(tmp_path / "new").checkpoint() is None


def test_entries_and_checkpoint_outlive_a_close(tmp_path: Path) -> None:
    database = open_database(tmp_path)
    database.write([(b"ja", b"1"), (b"jb", b"2"), (b"ja", None)], CHECKPOINT)
    database.close()
    database = open_database(tmp_path)
    assert database.checkpoint() == CHECKPOINT
    assert database.get(b"ja") is None
    assert database.get_each([b"ja", b"jb"]) == [None, b"2"]


def load_and_die(directory: Path, *, settled: bool) -> None:
    database = open_database(directory)
    database.load([(b"ja", b"1"), (b"jb", b"2"), (b"ja", None)])
    if settled:
        database.settle()
    database.write([], CHECKPOINT)
    os._exit(0)


@pytest.mark.parametrize("settled", [True, False])
def test_what_was_loaded_outlives_the_process_once_it_is_settled(
    tmp_path: Path, *, settled: bool
) -> None:
    process = get_context("spawn").Process(
        target=load_and_die, args=(tmp_path,), kwargs={"settled": settled}
    )
    process.start()
    process.join()
    database = open_database(tmp_path)
    assert database.checkpoint() == CHECKPOINT
    assert database.get_each([b"ja", b"jb"]) == [None, b"2" if settled else None]


def test_a_scan_does_not_show_the_checkpoint(tmp_path: Path) -> None:
    database = open_database(tmp_path)
    database.write([(b"ja", b"1")], CHECKPOINT)
    assert database.scan(b"", b"\xff", 10) == [(b"ja", b"1")]


@pytest.mark.parametrize(("most", "found"), [(1, 1), (5, 1), (6, 2), (10, 2), (11, 3), (99, 3)])
def test_a_scan_ends_with_the_entry_that_makes_it_large_enough(
    tmp_path: Path, most: int, found: int
) -> None:
    entries = [(b"ja", b"12345"), (b"jb", b"12345"), (b"jc", b"12345")]
    database = open_database(tmp_path)
    database.write(entries)
    assert database.scan(b"", b"\xff", 10, most) == entries[:found]
    assert database.scan(b"", b"\xff", 1, most) == entries[:1]


def test_a_write_without_checkpoint_keeps_the_one_before(tmp_path: Path) -> None:
    database = open_database(tmp_path)
    database.write([], CHECKPOINT)
    database.write([(b"bindex", b"")])
    assert database.checkpoint() == CHECKPOINT


def damage_the_middle(directory: Path) -> None:
    [table] = directory.glob("*.sst")
    content = bytearray(table.read_bytes())
    middle = len(content) // 2
    content[middle - 4_096 : middle + 4_096] = bytes(8_192)
    table.write_bytes(content)


@pytest.mark.parametrize(
    "read",
    [
        lambda database: [database.get(key) for key in ROWS],
        lambda database: database.get_each(list(ROWS)),
        lambda database: database.scan(b"", b"\xff", 10_000),
    ],
    ids=["get", "get_each", "scan"],
)
def test_damage_is_never_read_as_if_rows_were_missing(
    tmp_path: Path, read: Callable[[LocalDatabase], object]
) -> None:
    database = open_database(tmp_path)
    database.write(ROWS.items(), CHECKPOINT)
    database.close()
    damage_the_middle(tmp_path)
    database = open_database(tmp_path)
    with pytest.raises(LocalStateError) as unreadable:
        read(database)
    assert unreadable.value.directory == tmp_path
    database.close()
    with pytest.raises(LocalStateError, match=unreadable.value.reason[:10]):
        open_database(tmp_path)
    delete_local(tmp_path)
    assert open_database(tmp_path).checkpoint() is None
