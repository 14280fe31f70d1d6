"""The time by which the log judges whether a job is due, as far as this process knows it."""

from collections import OrderedDict
from typing import Final

REMEMBERED_WAKE_UPS: Final = 4_096


class LogClock:
    """Log time of one partition: this machine's clock, corrected by what the log says.

    The scheduler judges by the clock of the broker that leads the partition. Where that is behind, a
    wake-up comes too early and the scheduler sends the job back: what it says then, beside when the
    wake-up was acknowledged, tells by how much. So one job in a partition is sent back, not each, and
    none over and over. Where the broker is ahead, the time of any decision tells. All times are in ms.
    """

    def __init__(self) -> None:
        """Begin with this machine's clock as it is."""
        self._ahead = 0
        self._acknowledged: OrderedDict[int, int] = OrderedDict()

    def now(self, local: int) -> int:
        """Return the log time at a local time."""
        return local + self._ahead

    def local(self, log_time: int) -> int:
        """Return the local time at a log time."""
        return log_time - self._ahead

    def decided(self, log_time: int, local: int) -> None:
        """Learn that something was decided at a log time, as known at a local time."""
        self._ahead = max(self._ahead, log_time - local)

    def woke(self, offset: int, local: int) -> None:
        """Remember when a wake-up, by its offset in the log, was acknowledged."""
        self._acknowledged[offset] = local
        if len(self._acknowledged) > REMEMBERED_WAKE_UPS:
            self._acknowledged.popitem(last=False)

    def sent_back(self, offset: int, log_time: int) -> None:
        """Learn from a job that was sent back: the log time of the wake-up that was too early.

        Args:
            offset: what the job was sent back for; ignored where that is no wake-up of this process.
            log_time: the log time at which it was judged.
        """
        acknowledged = self._acknowledged.pop(offset, None)
        if acknowledged is not None:
            self._ahead = min(self._ahead, log_time - acknowledged)
