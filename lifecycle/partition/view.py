"""The committed state of a partition, as the fold sees it."""

from typing import Protocol


class StateView(Protocol):
    """An ordered map of bytes to bytes."""

    def get(self, key: bytes) -> bytes | None:
        """Return the value of a key, None where there is none."""

    def scan(self, start: bytes, stop: bytes, limit: int) -> list[tuple[bytes, bytes]]:
        """Return at most `limit` entries from `start` (included) to `stop` (excluded), ascending."""
