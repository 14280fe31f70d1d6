"""The local copy of a partition's state, in RocksDB."""

import shutil
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final, cast

from rocksdict import Rdict, ReadOptions, WriteBatch, WriteOptions

from joblog.streams.store.checkpoint import Checkpoint
from joblog.streams.store.errors import LocalStateError
from joblog.streams.store.memory_budget import MemoryBudget

FIRST_KEY: Final = b"\x01"
"""No key of the state is lower; those below are the store's own."""

CHECKPOINT: Final = b"\x00checkpoint-1"
"""With its format's number: a database with a checkpoint of another format has none, and is rebuilt."""

CONDEMNED: Final = "CONDEMNED"
"""A file that says why a database has to be rebuilt; some damage is only seen when it is read."""


class LocalDatabase:
    """One RocksDB in a directory of its own. Writes are atomic, and outlive the process.

    A write is not synced to the disk: after a power failure the state may be an older one, which the
    changelog brings up to date.

    Args:
        directory: where it lies; made if missing.
        memory: what it may use.

    Raises:
        LocalStateError: it cannot be opened, or an earlier use found it damaged.
    """

    def __init__(self, directory: Path, memory: MemoryBudget) -> None:
        self._directory = directory
        self._unlogged = WriteOptions()
        self._unlogged.disable_wal = True  # type: ignore[method-assign,assignment] # its stub is wrong
        condemned = directory / CONDEMNED
        if condemned.exists():
            raise LocalStateError(directory, condemned.read_text())
        try:
            directory.mkdir(parents=True, exist_ok=True)
            self._rows = Rdict(str(directory), memory.options())
        except Exception as error:
            raise LocalStateError(directory, str(error)) from error

    def get(self, key: bytes) -> bytes | None:
        """Return the value of a key, None where there is none."""
        try:
            return cast("bytes | None", self._rows.get(key))
        except Exception as error:
            raise self._condemned(error) from error

    def get_each(self, keys: list[bytes]) -> list[bytes | None]:
        """Return the value of each key, in the order given."""
        try:
            return cast("list[bytes | None]", self._rows.get(cast("list[Any]", keys)))
        except Exception as error:
            raise self._condemned(error) from error

    def scan(
        self, start: bytes, stop: bytes, limit: int, most_bytes: int | None = None
    ) -> list[tuple[bytes, bytes]]:
        """Return at most `limit` entries from `start` (included) to `stop` (excluded), ascending.

        With `most_bytes` the entry with which their values have so many bytes is the last.
        """
        bounds = ReadOptions()
        bounds.set_iterate_upper_bound(stop)
        cursor = self._rows.iter(bounds)
        found: list[tuple[bytes, bytes]] = []
        left = sys.maxsize if most_bytes is None else most_bytes
        try:
            cursor.seek(max(start, FIRST_KEY))
            while len(found) < limit and left > 0 and cursor.valid():
                value = cursor.value()
                found.append((cursor.key(), value))
                left -= len(value)
                cursor.next()
            cursor.status()  # at damage a cursor ends as if there were no more entries
        except Exception as error:
            raise self._condemned(error) from error
        finally:
            del cursor  # else the error keeps it, and it the database open
        return found

    def write(
        self, changes: Iterable[tuple[bytes, bytes | None]], checkpoint: Checkpoint | None = None
    ) -> None:
        """Apply changes and, if one is given, a new checkpoint, all or nothing."""
        batch = _batch(changes)
        if checkpoint is not None:
            batch.put(CHECKPOINT, checkpoint.encode())
        try:
            self._rows.write(batch)
        except Exception as error:
            raise self._condemned(error) from error

    def load(self, changes: Iterable[tuple[bytes, bytes | None]]) -> None:
        """Apply changes that are lost with the process until `settle`, for half of the effort of `write`."""
        try:
            self._rows.write(_batch(changes), self._unlogged)
        except Exception as error:
            raise self._condemned(error) from error

    def settle(self) -> None:
        """Make what was loaded outlive the process."""
        try:
            self._rows.flush()
        except Exception as error:
            raise self._condemned(error) from error

    def checkpoint(self) -> Checkpoint | None:
        """Return the newest checkpoint, None if the database was never complete."""
        value = self.get(CHECKPOINT)
        return None if value is None else Checkpoint.decode(value)

    def close(self) -> None:
        """Close the database."""
        self._rows.close()

    def _condemned(self, error: Exception) -> LocalStateError:
        (self._directory / CONDEMNED).write_text(str(error))
        return LocalStateError(self._directory, str(error))


def _batch(changes: Iterable[tuple[bytes, bytes | None]]) -> WriteBatch:
    batch = WriteBatch(raw_mode=True)
    for key, value in changes:
        if value is None:
            batch.delete(key)
        else:
            batch.put(key, value)
    return batch


def delete_local(directory: Path) -> None:
    """Delete the local copy of a state; it must not be open."""
    shutil.rmtree(directory, ignore_errors=False)
