"""How much memory a scheduler holds that has many jobs in its tables."""

from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Final

from benchmarks.joblog_system import no_ops, running
from benchmarks.measure import Measure, Row, values
from benchmarks.memory import HIGHEST
from benchmarks.preparation.tables import fill_tables
from benchmarks.result import Run
from benchmarks.takeovers import Takeovers

ROWS: Final = 5_000_000
RUN: Final = 1_000
SHOWN: Final = "joblog"
BAR: Final = 700.0
RESIDENT: Final = "resident MB"
WITHIN: Final = 600.0


def measure(_: str, quick: bool, directory: Path) -> Run:  # noqa: FBT001 - as every measure
    """Let a scheduler recover all rows from nothing, then run some more jobs."""
    del quick  # the number of jobs is what is measured
    with running(directory, services=()) as system:
        fill_tables(system.settings, ROWS)
        system.start("scheduler")
        seconds = Takeovers(system).until_all(WITHIN)
        recovered = system.resident_mb("scheduler")
        system.start_worker("benchmarks.handlers.noop")
        system.submit(no_ops(0, RUN))
        system.until_finished(RUN)
        resident = system.resident_mb("scheduler")
        highest = system.resident_mb("scheduler", HIGHEST)
    figures = {
        RESIDENT: resident,
        "highest MB": highest,
        "recovered MB": recovered,
        "recovery s": seconds,
    }
    return Run(SHOWN, figures, version=version("joblog"))


def rows(runs: Sequence[Run]) -> list[Row]:
    """Return the scheduler's resident memory."""
    what = f"resident memory of a scheduler with {ROWS:,} jobs"
    return [Row.at_most(what, BAR, values(runs, SHOWN, RESIDENT), "MB")]


MEASURE: Final = Measure("many_jobs", (SHOWN,), measure, rows, rounds=1, quick=False)
