"""Shows how far the jobs are while they run."""

from collections.abc import Callable, Mapping
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn
from rich.table import Column

from examples.saas.demo.telemetry import Snapshot
from joblog import Status

_ENDS: Final = (Status.SUCCEEDED, Status.DEAD_LETTERED, Status.CANCELLED, Status.EXPIRED)


class JobsProgress:
    """A bar for each kind of job, and a line for all. Use it as a context manager, by `shown`.

    Args:
        console: where it is shown.
        expected: how many jobs of each kind there are.
        clock: gives seconds.
    """

    def __init__(
        self, console: Console, expected: Mapping[str, int], clock: Callable[[], float]
    ) -> None:
        self.shown = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=20),
            MofNCompleteColumn(),
            TextColumn("{task.fields[counts]}", table_column=Column(no_wrap=False)),
            console=console,
        )
        self._expected = expected
        self._clock = clock
        self._began = clock()
        self._bars = {
            kind: self.shown.add_task(kind, total=jobs, counts="")
            for kind, jobs in expected.items()
        }
        self._all = self.shown.add_task("all", total=sum(expected.values()), counts="")

    def show(self, snapshot: Snapshot) -> None:
        """Show counts."""
        for kind, bar in self._bars.items():
            self.shown.update(bar, completed=snapshot.ended(kind), counts=_counts(kind, snapshot))
        done = sum(snapshot.finished.values())
        rate = done / max(self._clock() - self._began, 1e-3)
        counts = (
            f"{rate:,.0f} jobs/s, {snapshot.pending:,} pending, {snapshot.in_flight:,} in flight"
        )
        self.shown.update(self._all, completed=done, counts=counts)

    @property
    def is_complete(self) -> bool:
        """Whether all jobs were at their end at the last snapshot."""
        return self.shown.finished


def _counts(kind: str, snapshot: Snapshot) -> str:
    ends = [
        (status.replace("_", "-"), snapshot.finished.get((kind, status), 0)) for status in _ENDS
    ]
    shown = [f"{jobs:,} {name}" for name, jobs in ends if jobs]
    return ", ".join([*shown, f"{snapshot.retries.get(kind, 0):,} retries"])
