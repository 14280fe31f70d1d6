"""`make bench`: joblog and Dramatiq in turn, several rounds, a table with medians and spread."""

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path
from statistics import median
from typing import Final

from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.result import WARM_UP, Run, load, source_hash, store
from benchmarks.systems import dramatiq_system, joblog_system

System = Callable[[int, Path], Run]
SYSTEMS: Final[tuple[System, ...]] = (joblog_system.run, dramatiq_system.run)
NAMES: Final = (joblog_system.NAME, dramatiq_system.NAME)
RESULTS: Final = Path("benchmarks/results/noop.json")
BAR: Final = 1.5
DURABILITY: Final = (
    "An accepted job is in a file of the broker's, not yet on the disk: Redis appends and syncs each second, "
    "Kafka leaves that to the operating system and is meant to be replicated. Both record each job's result."
)


def main() -> int:
    """Run what is missing of the rounds, and print the table; 0 where the bar holds."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--jobs", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="one round, not stored")
    parser.add_argument("--fresh", action="store_true", help="forget the stored rounds")
    options = parser.parse_args()
    dramatiq_system.find_server()
    runs = _measured(options)
    _print(runs)
    return 0 if _ratio(runs) >= BAR else 1


def _measured(options: argparse.Namespace) -> list[Run]:
    rounds = 1 if options.quick else options.rounds
    runs = [] if options.fresh or options.quick else load(RESULTS)
    runs = [run for run in runs if (run.jobs, run.source) == (options.jobs, source_hash())]
    turns = list(chain.from_iterable(_order(number) for number in range(rounds)))[len(runs) :]
    for system in track(turns, "measuring", console=Console(stderr=True)):
        with tempfile.TemporaryDirectory(prefix="joblog-bench-") as directory:
            run = system(options.jobs, Path(directory))
        runs.append(replace(run, source=source_hash()))
        if not options.quick:
            store(RESULTS, runs)
    return runs


def _order(number: int) -> Iterator[System]:
    """Each system is the first in every other round."""
    return iter(SYSTEMS if number % 2 == 0 else reversed(SYSTEMS))


def _of(runs: list[Run], index: int) -> list[Run]:
    name = NAMES[index]
    return [run for run in runs if run.system == name]


def _ratio(runs: list[Run]) -> float:
    pairs = zip(_of(runs, 0), _of(runs, 1), strict=True)
    return median(mine.jobs_per_second / peer.jobs_per_second for mine, peer in pairs)


def _print(runs: list[Run]) -> None:
    console = Console()
    table = Table(
        "system",
        "jobs/s (median)",
        "min – max",
        "CPU s per 1,000 jobs",
        title=f"No-op jobs, end to end, after {WARM_UP:,} for warming up",
    )
    for index in range(len(SYSTEMS)):
        mine = _of(runs, index)
        rates = sorted(run.jobs_per_second for run in mine)
        cpu = median(sum(run.cpu_seconds.values()) / run.jobs * 1_000 for run in mine)
        spread = f"{rates[0]:,.0f} – {rates[-1]:,.0f}"
        table.add_row(mine[0].system, f"{median(rates):,.0f}", spread, f"{cpu:.3f}")
    console.print(table)
    _print_cpu(console, runs)
    stages = Table("stage of joblog", "p50 ms", "p99 ms", title="Log time, median of the rounds")
    for stage in _of(runs, 0)[0].stages:
        p50, p99 = (median(run.stages[stage][place] for run in _of(runs, 0)) for place in (0, 1))
        stages.add_row(stage, f"{p50:,.1f}", f"{p99:,.1f}")
    console.print(stages)
    console.print(DURABILITY)
    verdict = "holds" if _ratio(runs) >= BAR else "does not hold"
    console.print(f"joblog / Dramatiq, pair by pair: {_ratio(runs):.2f} (bar {BAR}: {verdict})")


def _print_cpu(console: Console, runs: list[Run]) -> None:
    table = Table("system", "process", "CPU µs per job", title="Where the CPU time goes, medians")
    for index in range(len(SYSTEMS)):
        mine = _of(runs, index)
        for process in mine[0].cpu_seconds:
            micros = median(run.cpu_seconds[process] / run.jobs * 1e6 for run in mine)
            table.add_row(mine[0].system, process, f"{micros:,.0f}")
    console.print(table)


if __name__ == "__main__":
    sys.exit(main())
