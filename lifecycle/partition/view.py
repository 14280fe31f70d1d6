"""The committed state of a partition, as the fold sees it."""

from collections.abc import Iterable
from typing import Protocol


class StateView(Protocol):
    """An ordered map of bytes to bytes."""

    def get(self, key: bytes) -> bytes | None:
        """Return the value of a key, None where there is none."""

    def scan(
        self, start: bytes, stop: bytes, limit: int, most_bytes: int | None = None
    ) -> list[tuple[bytes, bytes]]:
        """Return at most `limit` entries from `start` (included) to `stop` (excluded), ascending.

        With `most_bytes` the entry with which their values have so many bytes is the last.
        """


def first_bytes(
    entries: Iterable[tuple[bytes, bytes]], most_bytes: int | None
) -> list[tuple[bytes, bytes]]:
    """Return entries up to the one with which their values have so many bytes; all where that is None."""
    found: list[tuple[bytes, bytes]] = []
    size = 0
    for key, value in entries:
        found.append((key, value))
        size += len(value)
        if most_bytes is not None and size >= most_bytes:
            break
    return found
