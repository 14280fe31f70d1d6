"""The delay tiers: a record waits a fixed time in each, so each tier is a FIFO."""

from typing import Final, NamedTuple


class Tier(NamedTuple):
    """A delay topic: its name, and how long each record waits in it, in ms."""

    name: str
    wait_ms: int


_SECOND: Final = 1_000
_HOUR: Final = 3_600 * _SECOND
_DAY: Final = 24 * _HOUR

TIERS: Final = (
    Tier("now", 0),
    Tier("1s", _SECOND),
    Tier("10s", 10 * _SECOND),
    Tier("1m", 60 * _SECOND),
    Tier("10m", 600 * _SECOND),
    Tier("1h", _HOUR),
    Tier("6h", 6 * _HOUR),
    Tier("1d", _DAY),
    Tier("7d", 7 * _DAY),
)
"""Shortest first. `now` takes what is due within a second; the delay service keeps that in memory."""


def tier_for(remaining_ms: int) -> Tier:
    """Return the tier with the longest wait that is not longer than the remaining time, in ms."""
    return next(tier for tier in reversed(TIERS) if tier.wait_ms <= max(remaining_ms, 0))
