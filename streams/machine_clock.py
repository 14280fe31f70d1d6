"""This machine's clock, for what paces and stamps; decisions take their time from the log."""

import time


def now_ms() -> int:
    """Return the time in ms since the Unix epoch."""
    return time.time_ns() // 1_000_000
