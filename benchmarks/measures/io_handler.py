"""I/O handlers of 50 ms per second: one worker process, 200 at once, one partition."""

from collections.abc import Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Final

from benchmarks.handlers.io import WAIT_SECONDS
from benchmarks.handlers.noop import Nothing
from benchmarks.joblog_system import running
from benchmarks.measure import Measure, Row, values
from benchmarks.processes import RARELY
from benchmarks.result import Run
from benchmarks.returned import SHOWN, check, returned_numbers
from joblog import Submission
from joblog.schemas.state import JobRow

JOBS: Final = 40_000
QUICK_JOBS: Final = 4_000
EDGE: Final = 0.1
"""Share of the jobs at each end of a run that is left out: there the worker starts, or runs dry."""

RATE: Final = "jobs/s"
IDEAL: Final = "jobs/s without any overhead"
SHARE: Final = 0.9


def measure(variant: str, quick: bool, directory: Path) -> Run:  # noqa: FBT001 - as every measure
    """Work off a backlog: all jobs wait before the worker starts, so that it never waits for submissions."""
    jobs = QUICK_JOBS if quick else JOBS
    with running(directory, partitions=1) as system:
        system.submit(_submissions(jobs))
        system.until_folded(jobs)
        busy = system.cpu_seconds()
        system.start_worker("benchmarks.handlers.io")
        system.until_finished(jobs, look_seconds=RARELY)
        cpu = {name: one - busy.get(name, 0) for name, one in system.cpu_seconds().items()}
        found = system.rows(jobs)
        ideal = system.settings.worker.concurrency / WAIT_SECONDS
    check(returned_numbers(found), jobs)
    return Run(
        variant, {"jobs": jobs, RATE: _steady_rate(found), IDEAL: ideal}, cpu, version("joblog")
    )


def rows(runs: Sequence[Run]) -> list[Row]:
    """Return the rate against the one that nine tenths of the ideal would be."""
    found = values(runs, SHOWN, RATE)
    if not found:
        return []
    [ideal, *_] = values(runs, SHOWN, IDEAL)
    what = f"I/O handlers of {WAIT_SECONDS * 1_000:.0f} ms, jobs/s of one worker, one partition"
    return [Row.at_least(what, SHARE * ideal, found)]


def _submissions(jobs: int) -> Iterator[Submission]:
    return (Submission("io", Nothing(number=number)) for number in range(jobs))


def _steady_rate(rows: Sequence[JobRow]) -> float:
    """Return the outcomes per second of log time between the edges of the run."""
    ends = sorted(row.finished_at for row in rows if row.finished_at is not None)
    first = round(len(ends) * EDGE)
    last = len(ends) - first - 1
    return (last - first) / (ends[last] - ends[first]) * 1_000


MEASURE: Final = Measure("io_handler", (SHOWN,), measure, rows)
