"""What was measured, as tables with verdicts."""

from collections.abc import Sequence
from statistics import median
from typing import Final

from rich.console import Console
from rich.table import Table

from benchmarks.joblog_system import SHOWN
from benchmarks.result import WARM_UP, Run

BARS: Final = {"Dramatiq": 1.5}
"""joblog's jobs/s have to be so many times those of a peer."""

GOALS: Final = {"Celery": 6.0}
FASTEST: Final = 2.0
"""What is aimed at, beside these peers and beside the fastest."""

DURABILITY: Final = (
    "An accepted job is in a file of the broker's, not yet on the disk: Redis appends and syncs each second, "
    "Kafka leaves that to the operating system and is meant to be replicated; PostgreSQL syncs each commit."
)


def show(runs: Sequence[Run], console: Console) -> int:
    """Print the tables; return 0 where every bar holds."""
    names = list(dict.fromkeys(run.system for run in runs))
    mine = _of(runs, SHOWN)
    console.print(_rates(runs, names))
    console.print(_cpu(runs, names))
    console.print(_stages(mine))
    console.print(DURABILITY)
    holds = True
    for name, bar in BARS.items():
        if name in names:
            ratio = _ratio(runs, name)
            holds = holds and ratio >= bar
            verdict = "holds" if ratio >= bar else "does not hold"
            console.print(f"{SHOWN} / {name}, round by round: {ratio:.2f} (bar {bar}: {verdict})")
    fastest = max((name for name in names if name != SHOWN), key=lambda name: _rate(runs, name))
    for name, goal in {**GOALS, fastest: FASTEST}.items():
        if name in names:
            console.print(f"{SHOWN} / {name}: {_ratio(runs, name):.2f} (aimed at: {goal})")
    return 0 if holds else 1


def _rates(runs: Sequence[Run], names: Sequence[str]) -> Table:
    table = Table(
        "system",
        "jobs/s (median)",
        "min – max",
        "CPU s per 1,000 jobs",
        "joblog is … times as fast",
        title=f"No-op jobs, end to end, after {WARM_UP:,} for warming up",
    )
    for name in sorted(names, key=lambda one: -_rate(runs, one)):
        found = _of(runs, name)
        rates = sorted(run.jobs_per_second for run in found)
        cpu = median(sum(run.cpu_seconds.values()) / run.jobs * 1_000 for run in found)
        spread = f"{rates[0]:,.0f} – {rates[-1]:,.0f}"
        ratio = "" if name == SHOWN else f"{_ratio(runs, name):.2f}"
        version = f"{name} {found[0].version}"
        table.add_row(version, f"{_rate(runs, name):,.0f}", spread, f"{cpu:.3f}", ratio)
    return table


def _cpu(runs: Sequence[Run], names: Sequence[str]) -> Table:
    table = Table("system", "process", "CPU µs per job", title="Where the CPU time goes, medians")
    for name in names:
        found = _of(runs, name)
        for process in found[0].cpu_seconds:
            micros = median(run.cpu_seconds[process] / run.jobs * 1e6 for run in found)
            table.add_row(name, process, f"{micros:,.0f}")
    return table


def _stages(runs: Sequence[Run]) -> Table:
    table = Table(f"stage of {SHOWN}", "p50 ms", "p99 ms", title="Log time, median of the rounds")
    for stage in runs[0].stages:
        p50, p99 = (median(run.stages[stage][place] for run in runs) for place in (0, 1))
        table.add_row(stage, f"{p50:,.1f}", f"{p99:,.1f}")
    return table


def _of(runs: Sequence[Run], name: str) -> list[Run]:
    return [run for run in runs if run.system == name]


def _rate(runs: Sequence[Run], name: str) -> float:
    return median(run.jobs_per_second for run in _of(runs, name))


def _ratio(runs: Sequence[Run], name: str) -> float:
    pairs = zip(_of(runs, SHOWN), _of(runs, name), strict=True)
    return median(mine.jobs_per_second / peer.jobs_per_second for mine, peer in pairs)
