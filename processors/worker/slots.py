"""How many attempts may run at once, and how many may be claimed for that."""

from collections.abc import Callable, Mapping
from typing import Final

from joblog.processors.worker.handlers import ASYNC, PROCESS, THREAD, RunIn
from joblog.streams.settings import WorkerSettings

MOST_AHEAD: Final = 0.75
"""Share of the places in all that may ever be claimed ahead."""


class Slots:
    """Places for attempts: so many of each kind, and so many in all.

    An attempt that is claimed takes a place once it begins. Coroutines may be claimed `ahead`, before there
    is a place for them; others only if their own kind has one, since threads and processes are few, and what
    runs in them is long.

    Args:
        most: places of each kind.
        in_all: places in all.

    Attributes:
        ahead: attempts that may be claimed beyond the free places; 0 until it is set.
        most_ahead: the most that is to be.
        freed: places that became free so far.
    """

    def __init__(self, most: Mapping[RunIn, int], in_all: int) -> None:
        self.ahead = 0
        self.most_ahead = int(MOST_AHEAD * in_all)
        self.freed = 0
        self._free = dict(most)
        self._free_in_all = in_all
        self._unclaimed = dict(most)
        self._unclaimed_in_all = in_all
        self._listeners: list[Callable[[], None]] = []

    @classmethod
    def of(cls, settings: WorkerSettings) -> "Slots":
        """Return the places that settings allow."""
        most = {
            ASYNC: settings.concurrency,
            THREAD: settings.threads,
            PROCESS: settings.processes,
        }
        return cls(most, settings.concurrency)

    @property
    def free(self) -> list[RunIn]:
        """The kinds with a free place."""
        if self._free_in_all <= 0:
            return []
        return [kind for kind, free in self._free.items() if free > 0]

    @property
    def claimable(self) -> list[RunIn]:
        """The kinds of which one more may be claimed."""
        if self._unclaimed_in_all + self.ahead <= 0:
            return []
        return [kind for kind, left in self._unclaimed.items() if left > 0 or self._is_ahead(kind)]

    @property
    def claimable_at_once(self) -> list[RunIn]:
        """The kinds of which one may be claimed that goes before all that were claimed ahead."""
        return [kind for kind, left in self._unclaimed.items() if left > 0 or kind == ASYNC]

    @property
    def worth_claiming(self) -> bool:
        """Whether a commit is worth its price: places are free, or half of what is claimed ahead has begun."""
        return 2 * self._unclaimed_in_all + self.ahead >= 0

    def listen(self, freed: Callable[[], None]) -> None:
        """Have a function called whenever more may be claimed."""
        self._listeners.append(freed)

    def claim(self, kind: RunIn) -> None:
        """Count an attempt as claimed."""
        self._unclaimed[kind] -= 1
        self._unclaimed_in_all -= 1

    def unclaim(self, kind: RunIn) -> None:
        """Count an attempt that has not begun, and will not, as claimed no more."""
        self._unclaimed[kind] += 1
        self._unclaimed_in_all += 1
        for freed in self._listeners:
            freed()

    def take(self, kind: RunIn) -> None:
        """Take a free place for a claimed attempt."""
        self._free[kind] -= 1
        self._free_in_all -= 1

    def give(self, kind: RunIn) -> None:
        """Give a place back."""
        self._free[kind] += 1
        self._free_in_all += 1
        self.freed += 1
        self.unclaim(kind)

    def _is_ahead(self, kind: RunIn) -> bool:
        return kind == ASYNC and self._unclaimed[ASYNC] + self.ahead > 0
