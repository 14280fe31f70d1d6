"""A broker's data directory: one owner at a time, formatted once."""

import fcntl
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from joblog.streams.broker.errors import (
    WRITABLE,
    DataDirectoryInUseError,
    InvalidBrokerSettingError,
)
from joblog.streams.broker.formatting import META_NAME, PROPERTIES_NAME, format_storage
from joblog.streams.broker.jvm import KafkaRuntime
from joblog.streams.broker.properties import LOG_DIR, properties_text


class DataDirectory:
    """The directory of one broker.

    Args:
        path: the directory.
        cache_dir: keeps what a formatted storage looks like.

    Attributes:
        path: the directory, absolute.
        log_path: what the running Kafka prints; the run before it is beside it as ``broker.log.1``.
        scratch_path: Java's temporary files, emptied at each start: a SIGKILL leaves some behind.
    """

    def __init__(self, path: Path, cache_dir: Path) -> None:
        self._cache_dir = cache_dir
        self.path = path.absolute()
        self.log_path = self.path / "broker.log"
        self.scratch_path = self.path / "tmp"

    @contextmanager
    def owned(self) -> Iterator[int]:
        """Own the directory while inside, and as long as a process keeps the descriptor open.

        Raises:
            DataDirectoryInUseError: another broker owns it.
            InvalidBrokerSettingError: it cannot be made or written.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self.path / "broker.lock", os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise InvalidBrokerSettingError("data_dir", str(self.path), WRITABLE) from error
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                owner = os.pread(descriptor, 32, 0).decode().strip()
                raise DataDirectoryInUseError(self.path, owner) from error
            os.ftruncate(descriptor, 0)
            yield descriptor
        finally:
            os.close(descriptor)

    def prepare(self, properties: Mapping[str, str], runtime: KafkaRuntime) -> None:
        """Write the properties, keep the last run's log, and format the storage if it is new.

        Raises:
            BrokerStartError: Kafka's StorageTool refused.
        """
        shutil.rmtree(self.scratch_path, ignore_errors=True)
        self.scratch_path.mkdir()
        if self.log_path.exists():
            self.log_path.replace(self.log_path.with_suffix(".log.1"))
        properties_path = self.path / PROPERTIES_NAME
        properties_path.touch(mode=0o600)  # the caller's configs may hold a password
        properties_path.write_text(properties_text(properties), encoding="ascii")
        if not (self.path / LOG_DIR / META_NAME).exists():
            format_storage(self.path, properties, runtime, self._cache_dir, self.log_path)

    def name_owner(self, descriptor: int, pid: int) -> None:
        """Write down whose the directory is, for the message to the next one that wants it."""
        os.pwrite(descriptor, f"{pid}\n".encode(), 0)
