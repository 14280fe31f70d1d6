"""What was measured, as tables that a terminal and a document show alike."""

import re
from collections.abc import Mapping, Sequence
from statistics import median
from typing import Final, NamedTuple

from benchmarks.measure import Measure, of, shown, spread, values
from benchmarks.measures import throughput
from benchmarks.result import Run

DURABILITY: Final = (
    "An accepted job is in a file of the broker's, not yet on the disk: Redis appends and syncs each second, "
    "Kafka leaves that to the operating system and is meant to be replicated; PostgreSQL syncs each commit."
)
NOT_YET: Final = "not measured yet"


class Table(NamedTuple):
    """A table.

    Attributes:
        title: what it shows.
        header: the names of its columns.
        rows: its cells.
    """

    title: str
    header: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]


def bars(measures: Sequence[Measure], found: Mapping[str, Sequence[Run]]) -> Table:
    """Return each bar with its verdict, and which measures have no figure yet."""
    rows: list[tuple[str, ...]] = []
    for measure in measures:
        for row in measure.rows(found[measure.name]) if found.get(measure.name) else []:
            verdict = "holds" if row.holds else "FAILS"
            rows.append((row.what, row.bar, row.figure, row.spread, verdict))
        if not found.get(measure.name):
            rows.append((measure.name, "", NOT_YET, "", ""))
    header = ("measure", "bar", "figure", "min – max", "verdict")
    return Table("joblog, median of rounds", header, rows)


def systems(runs: Sequence[Run]) -> Table:
    """Return the rate of each system, the fastest first."""
    names = sorted(_names(runs), key=lambda one: -median(values(runs, one, throughput.RATE)))
    return Table(
        f"No-op jobs, end to end, after {throughput.WARM_UP:,} for warming up",
        ("system", "jobs", "jobs/s (median)", "min – max", "CPU s per 1,000 jobs"),
        [_system(runs, name) for name in names],
    )


def processes(runs: Sequence[Run]) -> Table:
    """Return the CPU time a job takes in each process of each system."""
    rows = [
        (name, process, f"{1_000 * milliseconds:,.0f}")
        for name in _names(runs)
        for process, milliseconds in cpu_by_process(of(runs, name)).items()
    ]
    header = ("system", "process", "CPU µs per job")
    return Table("Where the CPU time goes, medians", header, rows)


def figures(runs: Sequence[Run]) -> Table:
    """Return every figure that was stored, of each variant."""
    rows = [
        (name, figure, shown(median(found)), spread(found))
        for name in _names(runs)
        for figure in of(runs, name)[0].figures
        if (found := values(runs, name, figure))
    ]
    return Table("Figures", ("of", "figure", "median", "min – max"), rows)


def cpu_by_process(runs: Sequence[Run]) -> dict[str, float]:
    """Return how many seconds of CPU time 1,000 jobs take, medians; workers count as one process."""
    rounds: dict[str, list[float]] = {}
    for run in runs:
        of_run: dict[str, float] = {}
        for process, seconds in run.cpu_seconds.items():
            kind = re.sub(r" \d+$", "s", process)
            of_run[kind] = of_run.get(kind, 0) + 1_000 * seconds / run.figures["jobs"]
        for kind, seconds in of_run.items():
            rounds.setdefault(kind, []).append(seconds)
    return {kind: median(found) for kind, found in rounds.items()}


def _system(runs: Sequence[Run], name: str) -> tuple[str, ...]:
    rates = values(runs, name, throughput.RATE)
    return (
        f"{name} {of(runs, name)[0].version}",
        f"{median(values(runs, name, 'jobs')):,.0f}",
        f"{median(rates):,.0f}",
        f"{min(rates):,.0f} – {max(rates):,.0f}",
        f"{median(values(runs, name, throughput.CPU)):.3f}",
    )


def _names(runs: Sequence[Run]) -> list[str]:
    return list(dict.fromkeys(run.variant for run in runs))
