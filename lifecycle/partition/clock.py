"""Log time: the LogAppendTime of the records, made monotone."""

from typing import Final

HELD_BACK_MS: Final = 5_000
"""Backward steps up to this are held; larger ones are followed, since the broker's clock was set back."""


class LogClock:
    """Log time in ms.

    Attributes:
        now: the current log time.
        steps_back: how many larger backward steps were followed.
    """

    def __init__(self, now: int) -> None:
        """Go on from a log time."""
        self.now = now
        self.steps_back = 0

    def advance(self, timestamp: int) -> None:
        """Take in a record's LogAppendTime."""
        if timestamp >= self.now:
            self.now = timestamp
        elif self.now - timestamp > HELD_BACK_MS:
            self.now = timestamp
            self.steps_back += 1
