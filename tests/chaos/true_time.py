"""The machine's wall clock, whatever a process is made to believe: by the monotonic clock, which all share."""

import os
import time
from typing import Final

OFFSET: Final = "CHAOS_CLOCK_OFFSET_NS"
"""Environment variable: how far the wall clock was ahead of the monotonic one when all began, ns."""

NS_IN_A_MS: Final = 1_000_000


def offset() -> int:
    """Return how far the wall clock is ahead of the monotonic one, ns; ask a process whose clock is true."""
    return time.time_ns() - time.monotonic_ns()


def true_time() -> int:
    """Return the time, ms since the Unix epoch."""
    return (time.monotonic_ns() + int(os.environ[OFFSET])) // NS_IN_A_MS
