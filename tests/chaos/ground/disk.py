"""A small file system in memory, which can be filled and made read-only; mounting needs root."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, Self

MEBIBYTE: Final = 1024 * 1024
SIZE_MIB: Final = 2_048


class Disk:
    """The file system.

    Attributes:
        path: where it is mounted.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._balloon = path / "balloon"

    @classmethod
    @contextmanager
    def mounted(cls, path: Path) -> Iterator[Self]:
        """Mount it while inside."""
        path.mkdir(parents=True)
        _run("mount", "-t", "tmpfs", "-o", f"size={SIZE_MIB}m", "tmpfs", str(path))
        try:
            yield cls(path)
        finally:
            _run("umount", "--lazy", str(path))

    def fill(self) -> None:
        """Leave no room."""
        with suppress(OSError), self._balloon.open("wb", buffering=0) as balloon:
            while True:
                balloon.write(bytes(MEBIBYTE))
        with suppress(OSError), self._balloon.open("ab", buffering=0) as balloon:
            while True:
                balloon.write(b"\0")

    def free(self) -> None:
        """Give the room back."""
        self._balloon.unlink()

    def read_only(self) -> bool:
        """Let nobody write; false while somebody does."""
        return _run("mount", "-o", "remount,ro", str(self.path), check=False) == 0

    def writable(self) -> None:
        """Let all write again."""
        _run("mount", "-o", "remount,rw", str(self.path))


def _run(*command: str, check: bool = True) -> int:
    return subprocess.run(command, check=check, capture_output=True).returncode
