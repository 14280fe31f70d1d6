"""A clock that only its owner moves."""

from typing import Final

START_MS: Final = 1_767_225_600_000
"""2026-01-01T00:00:00Z."""


class VirtualClock:
    """The time of an in-memory log; call it to read it.

    Args:
        now_ms: ms since the Unix epoch. Defaults to 2026-01-01T00:00:00Z.
    """

    def __init__(self, now_ms: int = START_MS) -> None:
        self._now_ms = now_ms

    def __call__(self) -> int:
        """Return the time in ms since the Unix epoch."""
        return self._now_ms

    def advance(self, ms: int) -> None:
        """Let time pass.

        Raises:
            ValueError: `ms` is negative; this clock is never set back.
        """
        if ms < 0:
            raise ValueError(f"the clock cannot advance by {ms} ms: give 0 or more")
        self._now_ms += ms
