"""How many attempts may run at once."""

from collections.abc import Callable, Mapping

from joblog.processors.worker.handlers import ASYNC, PROCESS, THREAD, RunIn
from joblog.streams.settings import WorkerSettings


class Slots:
    """Places for attempts: so many of each kind, and so many in all.

    Args:
        most: places of each kind.
        in_all: places in all.
    """

    def __init__(self, most: Mapping[RunIn, int], in_all: int) -> None:
        self._free = dict(most)
        self._free_in_all = in_all
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

    def listen(self, freed: Callable[[], None]) -> None:
        """Have a function called whenever a place becomes free."""
        self._listeners.append(freed)

    def take(self, kind: RunIn) -> None:
        """Take a free place."""
        self._free[kind] -= 1
        self._free_in_all -= 1

    def give(self, kind: RunIn) -> None:
        """Give a place back."""
        self._free[kind] += 1
        self._free_in_all += 1
        for freed in self._listeners:
            freed()
