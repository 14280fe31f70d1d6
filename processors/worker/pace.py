"""How many attempts to claim ahead, from how many places become free while a claim is committed."""

from typing import Final

from joblog.processors.worker.slots import Places, Slots

WEIGHT: Final = 0.2
"""Share of the newest commit in the mean: some ten commits are remembered."""

MARGIN: Final = 8
"""Commits' worth that is claimed ahead: one may take three times its mean, and attempts end in bursts."""

WORTH_ONE: Final = 0.01
"""Share of the places that become free in the time of a commit from which on one at least is claimed ahead."""


class Pace:
    """Sets how many attempts of each kind may be claimed ahead: as many as begin in the time of eight commits.

    So a worker whose attempts take seconds claims few ahead, and one whose attempts take minutes none.

    Args:
        slots: the places.
        now: seconds since some moment.
    """

    def __init__(self, slots: Slots, now: float) -> None:
        self._slots = slots
        self._last = now
        self._seconds = 0.0
        self._rates = {kind: _Rate(places) for kind, places in slots.kinds.items()}

    def committed(self, begun: float, ended: float) -> None:
        """A commit took from `begun` to `ended`, in seconds since the same moment."""
        passed = ended - self._last
        if passed <= 0:
            return
        self._last = ended
        self._seconds += WEIGHT * (ended - begun - self._seconds)
        for kind, rate in self._rates.items():
            self._slots.claim_ahead(kind, rate.ahead(passed, self._seconds))


class _Rate:
    """How many places of a kind become free in a second."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._freed = places.freed
        self._rate = 0.0

    def ahead(self, passed: float, commit: float) -> int:
        """Return how many to claim ahead, some seconds after the last call, where a commit takes so long."""
        freed, self._freed = self._places.freed - self._freed, self._places.freed
        self._rate += WEIGHT * (freed / passed - self._rate)
        begin = self._rate * commit
        least = 1 if begin > WORTH_ONE * self._places.most else 0
        return max(least, round(MARGIN * begin))
