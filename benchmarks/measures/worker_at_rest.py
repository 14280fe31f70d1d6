"""How much memory a worker holds that has nothing to do."""

from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Final

from benchmarks.joblog_system import no_ops, running
from benchmarks.measure import Measure, Row, values
from benchmarks.memory import HIGHEST
from benchmarks.result import Run

RUN: Final = 10
SHOWN: Final = "joblog"
BAR: Final = 120.0
RESIDENT: Final = "resident MB"


def measure(_: str, quick: bool, directory: Path) -> Run:  # noqa: FBT001 - as every measure
    """Let a worker join and run a few jobs; its child processes count too."""
    del quick  # it takes seconds
    with running(directory) as system:
        system.start_worker("benchmarks.handlers.noop")
        system.submit(no_ops(0, RUN))
        system.until_finished(RUN)
        resident = system.resident_mb("worker")
        highest = system.resident_mb("worker", HIGHEST)
    figures = {RESIDENT: resident, "highest MB": highest}
    return Run(SHOWN, figures, version=version("joblog"))


def rows(runs: Sequence[Run]) -> list[Row]:
    """Return the worker's resident memory."""
    return [
        Row.at_most("resident memory of a worker at rest", BAR, values(runs, SHOWN, RESIDENT), "MB")
    ]


MEASURE: Final = Measure("worker_at_rest", (SHOWN,), measure, rows)
