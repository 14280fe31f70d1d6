"""Made-up runs."""

from collections.abc import Sequence
from pathlib import Path

from benchmarks.measure import Measure, Row, values
from benchmarks.result import Run

JOBLOG = {"worker": 1.0, "scheduler": 2.0, "broker": 3.0}
PEER = {"redis": 2.0, "worker 1": 4.0, "worker 2": 6.0}


def systems() -> list[Run]:
    """Return two rounds of joblog and a peer, of 10,000 jobs each."""
    return [
        *(_system("Peer", rate, PEER) for rate in (1_000.0, 1_200.0)),
        *(_system("joblog", rate, JOBLOG) for rate in (3_000.0, 3_200.0)),
    ]


def waits() -> list[Run]:
    """Return two rounds of a measure of joblog alone."""
    rounds = [{"jobs": 10, "wait, p50, ms": 2.0 + more, "most, ms": 9.0 + more} for more in (0, 1)]
    return [Run("joblog", figures, version="0.1.0") for figures in rounds]


def measure(
    name: str = "waits", variants: tuple[str, ...] = ("joblog",), rounds: int = 2
) -> Measure:
    """Return a measure that has a bar for `wait, p50, ms`, if it has that figure."""
    return Measure(name, variants, _not_to_be_run, _rows, rounds)


def _rows(runs: Sequence[Run]) -> list[Row]:
    if "wait, p50, ms" not in runs[0].figures:
        return []
    return [Row.at_most("wait", 5, values(runs, "joblog", "wait, p50, ms"), "ms")]


def _not_to_be_run(variant: str, quick: bool, directory: Path) -> Run:  # noqa: FBT001 - as every measure
    """Wait."""
    raise AssertionError((variant, quick, directory))


def _system(name: str, rate: float, cpu: dict[str, float]) -> Run:
    per_thousand = sum(cpu.values()) / 10
    figures = {"jobs": 10_000.0, "jobs/s": rate, "CPU s per 1,000 jobs": per_thousand}
    return Run(name, figures, cpu, "1.0")
