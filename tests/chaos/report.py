"""Tables of outcomes."""

from collections.abc import Iterable
from statistics import median
from typing import Final, NamedTuple

from rich.table import Table

from tests.chaos.faults import FAULTS, fault_of
from tests.chaos.outcome import Done, Outcome

NOTHING: Final = "–"


class Line(NamedTuple):
    """What is known of a kind of fault.

    Attributes:
        fault: its title.
        times: how often it was done.
        recovered: median time until work went on, s; None if it was never done.
        longest: the longest such time.
        violations: rules that were broken in runs that had it.
    """

    fault: str
    times: int
    recovered: float | None
    longest: float | None
    violations: int


def lines(outcomes: Iterable[Outcome]) -> list[Line]:
    """Return a line for each kind of fault, in the order of `FAULTS`."""
    done: dict[str, list[tuple[Done, Outcome]]] = {fault.title: [] for fault in FAULTS}
    for outcome in outcomes:
        for one in outcome.done:
            done[fault_of(one.step.fault, one.step.target).title].append((one, outcome))
    return [_line(title, found) for title, found in done.items()]


def as_table(outcomes: Iterable[Outcome]) -> Table:
    """Return the lines as a table for the terminal."""
    table = Table(title="Faults, and when work went on")
    for name in ("fault", "done", "median s", "longest s", "violations"):
        table.add_column(name, justify="left" if name == "fault" else "right")
    for line in lines(outcomes):
        table.add_row(line.fault, str(line.times), *map(_shown, line[2:4]), str(line.violations))
    return table


def _line(title: str, found: list[tuple[Done, Outcome]]) -> Line:
    times = [one.recovered_ms / 1_000 for one, _ in found if one.recovered_ms is not None]
    broken = {outcome.seed: len(outcome.violations) for _, outcome in found}
    return Line(
        title,
        len(found),
        median(times) if times else None,
        max(times, default=None),
        sum(broken.values()),
    )


def _shown(seconds: float | None) -> str:
    return NOTHING if seconds is None else f"{seconds:.1f}"
