"""One process at a time for a directory."""

import fcntl
import os
from pathlib import Path

from joblog.streams.store.errors import LocalStateError, StateDirectoryInUseError


class DirectoryLock:
    """Held by a process from `acquire` to `release`, or until it ends; a file beside the directory.

    The lock of RocksDB lies inside the directory, which is deleted when it has to be rebuilt.

    Args:
        directory: what is locked.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._file: int | None = None

    def acquire(self) -> None:
        """Take the lock.

        Raises:
            StateDirectoryInUseError: another process has it.
            LocalStateError: the place cannot be written.
        """
        path = self._directory.with_name(f"{self._directory.name}.lock")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise LocalStateError(self._directory, str(error)) from error
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            raise StateDirectoryInUseError(self._directory) from None
        self._file = file

    def release(self) -> None:
        """Give the lock back, if it is held."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
