"""Ids that sort by the time at which they were made.

Source: RFC 9562, section 5.7 (UUIDv7).
"""

from collections.abc import Callable
from typing import Final
from uuid import RFC_4122, UUID

_RANDOM_BYTES: Final = 10
_VERSION_7: Final = 7 << 76
_VARIANT: Final = 2 << 62
_FREE_BITS: Final = ~((0xF << 76) | (3 << 62))
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
        noise = int.from_bytes(self._randomness(_RANDOM_BYTES), "big") & _FREE_BITS
        digits = f"{self._clock() << _TIME_SHIFT | noise | _VERSION_7 | _VARIANT:032x}"
        return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def made_at(job_id: str) -> int | None:
    """Return when a UUIDv7 was made, in ms since the Unix epoch; None where the id is none."""
    try:
        found = UUID(job_id)
    except ValueError:
        return None
    if found.version != 7 or found.variant != RFC_4122 or str(found) != job_id:  # noqa: PLR2004 - a version
        return None
    return found.int >> _TIME_SHIFT
