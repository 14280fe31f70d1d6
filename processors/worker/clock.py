"""The clocks of a worker: what it says about times, and how it measures them."""

import time
from collections.abc import Callable
from typing import NamedTuple

from joblog.streams.machine_clock import now_ms


class Clock(NamedTuple):
    """Two clocks.

    Attributes:
        now_ms: time in ms since the Unix epoch.
        monotonic: seconds since some moment, never set back.
    """

    now_ms: Callable[[], int]
    monotonic: Callable[[], float]

    def elapsed_ms(self) -> int:
        """Return ms since some moment: what waits and leases count by, whatever is done to the time."""
        return int(self.monotonic() * 1_000)


def machine_clock() -> Clock:
    """Return this machine's clocks."""
    return Clock(now_ms, time.monotonic)
