"""How many attempts to claim ahead, from how many places become free while a claim is committed."""

from typing import Final

from joblog.processors.worker.slots import Slots

WEIGHT: Final = 0.2
"""Share of the newest commit in the mean: some ten commits are remembered."""

MARGIN: Final = 8
"""Commits' worth that is claimed ahead: one is under way while what the one before it claimed begins."""


class Pace:
    """Sets how many attempts may be claimed ahead: as many as begin in the time of eight commits.

    So a worker whose attempts take seconds claims few ahead, and one whose attempts take minutes none.

    Args:
        slots: the places.
        now: seconds since some moment.
    """

    def __init__(self, slots: Slots, now: float) -> None:
        self._slots = slots
        self._last = now
        self._freed = slots.freed
        self._rate = 0.0
        self._seconds = 0.0

    def committed(self, begun: float, ended: float) -> None:
        """A commit took from `begun` to `ended`, in seconds since the same moment."""
        passed, freed = ended - self._last, self._slots.freed - self._freed
        if passed <= 0:
            return
        self._last, self._freed = ended, self._slots.freed
        self._rate += WEIGHT * (freed / passed - self._rate)
        self._seconds += WEIGHT * (ended - begun - self._seconds)
        wanted = round(MARGIN * self._rate * self._seconds)
        self._slots.ahead = min(self._slots.most_ahead, wanted)
