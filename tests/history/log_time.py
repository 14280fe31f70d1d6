"""Log time: the broker's append times of a partition, made monotone, as the contract defines it."""

from typing import Final

HELD_BACK_MS: Final = 5_000
"""Backward steps of the broker's clock up to this are held; larger ones are followed."""


class LogTime:
    """Log time of a partition, in ms since the Unix epoch."""

    def __init__(self) -> None:
        self._now = 0

    def at(self, timestamp: int) -> int:
        """Return the log time at the next record, which has a timestamp."""
        if timestamp > self._now or self._now - timestamp > HELD_BACK_MS:
            self._now = timestamp
        return self._now
