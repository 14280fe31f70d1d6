"""What was measured, as tables with verdicts."""

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Final

from rich.console import Console
from rich.table import Table

from benchmarks.measure import values
from benchmarks.measures import throughput
from benchmarks.measures.catalog import MEASURES
from benchmarks.result import Run

DURABILITY: Final = (
    "An accepted job is in a file of the broker's, not yet on the disk: Redis appends and syncs each second, "
    "Kafka leaves that to the operating system and is meant to be replicated; PostgreSQL syncs each commit."
)


def show(found: Mapping[str, Sequence[Run]], console: Console) -> int:
    """Print the tables of what was found, by measure; return 0 where every bar holds."""
    runs = found.get(throughput.MEASURE.name)
    if runs:
        console.print(_systems(runs), _processes(runs), DURABILITY)
    table = Table(
        "measure", "bar", "figure", "min – max", "verdict", title="joblog, median of rounds"
    )
    rows = [row for one in MEASURES if one.name in found for row in one.rows(found[one.name])]
    for row in rows:
        table.add_row(row.what, row.bar, row.figure, row.spread, "holds" if row.holds else "FAILS")
    console.print(table)
    return 0 if all(row.holds for row in rows) else 1


def _systems(runs: Sequence[Run]) -> Table:
    table = Table(
        *("system", "jobs", "jobs/s (median)", "min – max", "CPU s per 1,000 jobs"),
        title=f"No-op jobs, end to end, after {throughput.WARM_UP:,} for warming up",
    )
    for name in sorted(_names(runs), key=lambda one: -_median(runs, one, throughput.RATE)):
        rates = sorted(values(runs, name, throughput.RATE))
        [version, *_] = [run.version for run in runs if run.variant == name]
        table.add_row(
            f"{name} {version}",
            f"{_median(runs, name, 'jobs'):,.0f}",
            f"{median(rates):,.0f}",
            f"{rates[0]:,.0f} – {rates[-1]:,.0f}",
            f"{_median(runs, name, throughput.CPU):.3f}",
        )
    return table


def _processes(runs: Sequence[Run]) -> Table:
    table = Table("system", "process", "CPU µs per job", title="Where the CPU time goes, medians")
    for name in _names(runs):
        mine = [run for run in runs if run.variant == name]
        for process in mine[0].cpu_seconds:
            micros = median(run.cpu_seconds[process] / run.figures["jobs"] * 1e6 for run in mine)
            table.add_row(name, process, f"{micros:,.0f}")
    return table


def _names(runs: Sequence[Run]) -> list[str]:
    return list(dict.fromkeys(run.variant for run in runs))


def _median(runs: Sequence[Run], name: str, figure: str) -> float:
    return median(values(runs, name, figure))
