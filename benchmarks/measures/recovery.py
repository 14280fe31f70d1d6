"""How fast a scheduler on an empty disk reads its tables back from their changelog."""

from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Final

from benchmarks.joblog_system import running
from benchmarks.measure import Measure, Row, values
from benchmarks.memory import HIGHEST
from benchmarks.preparation.tables import fill_tables
from benchmarks.processes import spent
from benchmarks.result import Run
from benchmarks.takeovers import Takeovers

ROWS: Final = 1_000_000
QUICK_ROWS: Final = 100_000
SHOWN: Final = "joblog"
BAR: Final = 100_000
RATE: Final = "records/s"
WITHIN: Final = 300.0


def measure(_: str, quick: bool, directory: Path) -> Run:  # noqa: FBT001 - as every measure
    """Fill the tables, then start a scheduler; all its partitions together count as one recovery."""
    jobs = QUICK_ROWS if quick else ROWS
    with running(directory, services=()) as system:
        fill_tables(system.settings, jobs)
        before = system.cpu_seconds()
        system.start("scheduler")
        seconds = Takeovers(system).until_all(WITHIN)
        cpu = spent(before | {"scheduler": 0.0}, system.cpu_seconds())
        highest = system.resident_mb("scheduler", HIGHEST)
    figures = {"rows": jobs, RATE: jobs / seconds, "s": seconds, "highest MB": highest}
    return Run(SHOWN, figures, cpu, version("joblog"))


def rows(runs: Sequence[Run]) -> list[Row]:
    """Return how many records of the changelog were recovered in a second."""
    what = f"records/s recovered on an empty disk, {values(runs, SHOWN, 'rows')[0]:,.0f} rows"
    return [Row.at_least(what, BAR, values(runs, SHOWN, RATE))]


MEASURE: Final = Measure("recovery", (SHOWN,), measure, rows)
