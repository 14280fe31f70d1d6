"""Whether a job takes more CPU time where the tables are fuller or the partitions more."""

from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from time import monotonic, process_time
from typing import Final, NamedTuple

from benchmarks.joblog_system import Joblog, no_ops, running
from benchmarks.measure import Measure, Row, ratios
from benchmarks.preparation.tables import fill_tables
from benchmarks.processes import spent
from benchmarks.result import Run, WrongJobsError
from benchmarks.takeovers import Takeovers

JOBS: Final = 20_000
WARM_UP: Final = 1_000
BAR: Final = 1.15
CPU: Final = "CPU s per 1,000 jobs"
WITHIN: Final = 300.0
LOOK_SECONDS: Final = 0.5
"""Looking takes the scheduler time for each partition, which is not the jobs'."""


class Size(NamedTuple):
    """A size of the system: rows in its tables before it starts, and partitions."""

    rows: int = 10_000
    partitions: int = 4


FEW: Final = "10,000 rows"
MANY: Final = "1,000,000 rows"
NARROW: Final = "4 partitions"
WIDE: Final = "32 partitions"
SIZES: Final = {
    FEW: Size(),
    MANY: Size(rows=1_000_000),
    NARROW: Size(),
    WIDE: Size(partitions=32),
}


def measure(variant: str, quick: bool, directory: Path) -> Run:  # noqa: FBT001 - as every measure
    """Run no-op jobs over full tables; CPU time of all processes counts, broker and submitter too."""
    del quick  # the sizes are what is measured
    size = SIZES[variant]
    with running(directory, size.partitions, ()) as system:
        fill_tables(system.settings, size.rows)
        system.start("scheduler")
        system.start("delays")
        Takeovers(system).until_all(WITHIN)
        system.start_worker("benchmarks.handlers.noop")
        system.submit(no_ops(0, WARM_UP))
        system.until_finished(WARM_UP)
        return _measured(variant, system)


def rows(runs: Sequence[Run]) -> list[Row]:
    """Return how many times the CPU time of a job grows."""
    found = {run.variant for run in runs}
    return [
        Row.at_most(f"CPU time of a job, {large} against {small}", BAR, shares, "×")
        for large, small in ((MANY, FEW), (WIDE, NARROW))
        if {large, small} <= found and (shares := ratios(runs, large, small, CPU))
    ]


def _measured(variant: str, system: Joblog) -> Run:
    busy, own, begun = system.cpu_seconds(), process_time(), monotonic()
    system.submit(no_ops(WARM_UP, WARM_UP + JOBS))
    system.until_finished(WARM_UP + JOBS, look_seconds=LOOK_SECONDS)
    seconds = monotonic() - begun
    cpu = spent(busy, system.cpu_seconds()) | {"submitter": process_time() - own}
    if (ended := system.finished()) != WARM_UP + JOBS:
        raise WrongJobsError(variant, WARM_UP + JOBS, ended)
    figures = {"jobs": JOBS, "jobs/s": JOBS / seconds, CPU: sum(cpu.values()) / JOBS * 1_000}
    return Run(variant, figures, cpu, version("joblog"))


MEASURE: Final = Measure("growth", tuple(SIZES), measure, rows, quick=False)
