"""How many attempts may run at once, and how many may be claimed for that."""

from collections.abc import Callable, Mapping
from typing import Final

from joblog.processors.worker.handlers import ASYNC, PROCESS, THREAD, RunIn
from joblog.streams.settings import WorkerSettings

MOST_AHEAD: Final = 0.75
"""Share of the places that may ever be claimed ahead."""


class Places:
    """Places of one kind, or of all kinds together.

    Attributes:
        most: how many there are.
        ahead: attempts that may be claimed beyond the free places; 0 until it is set.
        most_ahead: the most that is to be.
        free: places in which nothing runs.
        unclaimed: free places less what is claimed for them; negative where more is claimed.
        freed: places that became free so far.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self.ahead = 0
        self.most_ahead = int(MOST_AHEAD * most)
        self.free = most
        self.unclaimed = most
        self.freed = 0


class Slots:
    """Places for attempts: so many of each kind, and so many in all.

    An attempt that is claimed takes a place once it begins. It may be claimed `ahead`, before there is one.

    Args:
        most: places of each kind.
        in_all: places in all.

    Attributes:
        kinds: the places of each kind.
        in_all: those in all.
    """

    def __init__(self, most: Mapping[RunIn, int], in_all: int) -> None:
        self.kinds = {kind: Places(places) for kind, places in most.items()}
        self.in_all = Places(in_all)
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
        if self.in_all.free <= 0:
            return []
        return [kind for kind, places in self.kinds.items() if places.free > 0]

    @property
    def claimable(self) -> list[RunIn]:
        """The kinds of which one more may be claimed."""
        if self.in_all.unclaimed + self.in_all.ahead <= 0:
            return []
        return [kind for kind, places in self.kinds.items() if places.unclaimed + places.ahead > 0]

    @property
    def worth_claiming(self) -> bool:
        """Whether a commit is worth its price: places are free, or half of what is claimed ahead has begun."""
        return 2 * self.in_all.unclaimed + self.in_all.ahead >= 0

    def listen(self, freed: Callable[[], None]) -> None:
        """Have a function called whenever more may be claimed."""
        self._listeners.append(freed)

    def claim_ahead(self, kind: RunIn, attempts: int) -> None:
        """Set how many of a kind may be claimed ahead, at most three quarters of its places."""
        places = self.kinds[kind]
        places.ahead = min(places.most_ahead, attempts)
        ahead = sum(one.ahead for one in self.kinds.values())
        self.in_all.ahead = min(self.in_all.most_ahead, ahead)

    def claim(self, kind: RunIn) -> None:
        """Count an attempt as claimed."""
        for places in (self.kinds[kind], self.in_all):
            places.unclaimed -= 1

    def unclaim(self, kind: RunIn) -> None:
        """Count an attempt that has not begun, and will not, as claimed no more."""
        for places in (self.kinds[kind], self.in_all):
            places.unclaimed += 1
        for freed in self._listeners:
            freed()

    def take(self, kind: RunIn) -> None:
        """Take a free place for a claimed attempt."""
        for places in (self.kinds[kind], self.in_all):
            places.free -= 1

    def give(self, kind: RunIn) -> None:
        """Give a place back."""
        for places in (self.kinds[kind], self.in_all):
            places.free += 1
            places.freed += 1
        self.unclaim(kind)
