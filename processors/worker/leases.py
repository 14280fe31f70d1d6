"""Signs of life: an attempt that runs long is reported as started, and lives by heartbeats from then on."""

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

Key = TypeVar("Key", bound=Hashable)


class Sign(NamedTuple, Generic[Key]):
    """A sign of life to publish.

    Attributes:
        attempt: whose it is.
        started: whether it is the first.
        progress: share that is done, as the handler told, if it did since the last sign.
        message: where the handler is, likewise.
    """

    attempt: Key
    started: bool
    progress: float | None = None
    message: str | None = None


@dataclass
class _Told:
    progress: float | None = None
    message: str | None = None


class Leases(Generic[Key]):
    """Knows which attempts run, and when each has to give its next sign of life. Times are in ms.

    Args:
        started_after_ms: run time at which an attempt is reported as started.
        heartbeat_ms: time between two signs of life after that.
    """

    def __init__(self, started_after_ms: int, heartbeat_ms: int) -> None:
        self._started_after = started_after_ms
        self._heartbeat = heartbeat_ms
        # both in the order in which they are due, since each waits equally long
        self._short: dict[Key, int] = {}
        self._leased: dict[Key, int] = {}
        self._told: dict[Key, _Told] = {}

    def begin(self, attempt: Key, now: int) -> None:
        """An attempt begins to run."""
        self._short[attempt] = now + self._started_after

    def end(self, attempt: Key) -> None:
        """An attempt runs no more."""
        self._short.pop(attempt, None)
        self._leased.pop(attempt, None)
        self._told.pop(attempt, None)

    def tell(self, attempt: Key, progress: float | None, message: str | None) -> None:
        """A handler tells how far it is; the next heartbeat carries the latest."""
        if attempt in self._short or attempt in self._leased:
            self._told[attempt] = _Told(progress, message)

    def is_leased(self, attempt: Key) -> bool:
        """Return whether an attempt was reported as started."""
        return attempt in self._leased

    def start(self, attempt: Key, now: int) -> Sign[Key] | None:
        """Return the first sign of an attempt ahead of its time; None where it was given or nothing runs."""
        if self._short.pop(attempt, None) is None:
            return None
        self._leased[attempt] = now + self._heartbeat
        return Sign(attempt, started=True)

    def due(self, now: int) -> list[Sign[Key]]:
        """Return the signs of life that are due."""
        firsts = [self.start(attempt, now) for attempt in list(_until(self._short, now))]
        later = [self._beat(attempt, now) for attempt in list(_until(self._leased, now))]
        return [sign for sign in firsts if sign is not None] + later

    def _beat(self, attempt: Key, now: int) -> Sign[Key]:
        del self._leased[attempt]
        self._leased[attempt] = now + self._heartbeat
        told = self._told.pop(attempt, _Told())
        return Sign(attempt, started=False, progress=told.progress, message=told.message)


def _until(waiting: dict[Key, int], now: int) -> Iterator[Key]:
    for attempt, due in waiting.items():
        if due > now:
            return
        yield attempt
