"""Ids that sort by the time at which they were made.

Source: RFC 9562, section 5.7 (UUIDv7).
"""

from collections.abc import Callable
from typing import Final
from uuid import RFC_4122, UUID

_TIME_BYTES: Final = 6
_RANDOM_BYTES: Final = 10
_VARIANTS: Final = "89ab"
"""The digits of the variant: its two bits are 10, and two more are random."""
_TIME_SHIFT: Final = 80


class Uuid7:
    """Makes UUIDv7 as text.

    Args:
        clock: gives ms since the Unix epoch.
        randomness: gives so many unpredictable bytes.
    """

    def __init__(self, clock: Callable[[], int], randomness: Callable[[int], bytes]) -> None:
        self._clock = clock
        self._randomness = randomness

    def __call__(self) -> str:
        """Return a new id."""
        noise = self._randomness(_RANDOM_BYTES)
        time, free = self._clock().to_bytes(_TIME_BYTES, "big").hex(), noise.hex()
        variant = _VARIANTS[noise[2] >> 4 & 3]
        return f"{time[:8]}-{time[8:]}-7{free[1:4]}-{variant}{free[5:8]}-{free[8:]}"


def made_at(job_id: str) -> int | None:
    """Return when a UUIDv7 was made, in ms since the Unix epoch; None where the id is none."""
    try:
        found = UUID(job_id)
    except ValueError:
        return None
    if found.version != 7 or found.variant != RFC_4122 or str(found) != job_id:  # noqa: PLR2004 - a version
        return None
    return found.int >> _TIME_SHIFT
