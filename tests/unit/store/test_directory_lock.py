"""A directory has one owner, also when it is deleted meanwhile."""

from pathlib import Path

import pytest

from joblog.streams.store import LocalStateError, StateDirectoryInUseError
from joblog.streams.store.directory_lock import DirectoryLock


def test_a_second_lock_is_refused_until_the_first_is_released(tmp_path: Path) -> None:
    directory = tmp_path / "missing" / "0"
    first, second = DirectoryLock(directory), DirectoryLock(directory)
    first.acquire()
    with pytest.raises(StateDirectoryInUseError) as refused:
        second.acquire()
    assert refused.value.directory == directory
    first.release()
    second.acquire()
    second.release()
    second.release()


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(LocalStateError, match="File exists"):
        DirectoryLock(tmp_path / "file" / "0").acquire()
