"""How patient a supervisor is, and when it starts a process again."""

from dataclasses import dataclass
from typing import Final

from joblog.streams.settings import Settings

MS: Final = 1_000
FORCE_MARGIN: Final = 15.0
"""Seconds beyond its grace in which a process gives up by itself what hangs, says so and ends."""


@dataclass(frozen=True)
class Timing:
    """Lengths of time, in seconds.

    Attributes:
        poll: time between two questions whether a process is alive.
        answer: time that an answer may take.
        start: time until a new process has to answer for the first time.
        silence: a process that has not answered for so long is killed.
        grace: time that processes have to end after SIGTERM; then they are killed.
        first_pause: pause before the first restart; each further one is twice as long.
        longest_pause: no pause is longer.
        stable: after a run of this length, the next pause is the first again.
    """

    poll: float = 1.0
    answer: float = 2.0
    start: float = 30.0
    silence: float = 10.0
    grace: float = 20.0
    first_pause: float = 0.5
    longest_pause: float = 30.0
    stable: float = 60.0

    @classmethod
    def of(cls, settings: Settings) -> "Timing":
        """Return a timing whose grace is longer than any process may take by its settings to end."""
        slowest = max(
            settings.scheduler.shutdown_grace_ms,
            settings.delays.shutdown_grace_ms,
            settings.worker.shutdown_grace_ms,
        )
        return cls(grace=slowest / MS + FORCE_MARGIN)


class Pauses:
    """Grows the pause before a restart while a process does not stay up."""

    def __init__(self, timing: Timing) -> None:
        """Begin with the first pause."""
        self._timing = timing
        self._next = timing.first_pause

    def after(self, run_seconds: float) -> float:
        """Return the pause in seconds after a run of so many seconds."""
        if run_seconds >= self._timing.stable:
            self._next = self._timing.first_pause
        pause = self._next
        self._next = min(2 * pause, self._timing.longest_pause)
        return pause


class Patience:
    """Judges from the answers of one run whether the process hangs; times in seconds of any clock."""

    def __init__(self, timing: Timing, started_at: float) -> None:
        """Begin with a process that has just been started."""
        self._silence = timing.silence
        self._until = started_at + timing.start

    def answered(self, now: float) -> None:
        """Take an answer in."""
        self._until = now + self._silence

    def is_over(self, now: float) -> bool:
        """Return whether the process has been silent for too long."""
        return now >= self._until
