"""How busy handlers that compute keep as many cores as a worker has child processes."""

from collections.abc import Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Final

from benchmarks.handlers.compute import CPU_SECONDS, Computed
from benchmarks.handlers.noop import Nothing
from benchmarks.joblog_system import running
from benchmarks.measure import Measure, Row, values
from benchmarks.processes import RARELY, spent
from benchmarks.result import Run
from benchmarks.returned import SHOWN, check, returned
from joblog import Submission

JOBS: Final = 100
QUICK_JOBS: Final = 40
WARM_UP: Final = 4
"""Jobs that run before, so that all child processes are there."""

BUSY: Final = "% of the cores in handlers"
BAR: Final = 90.0


def measure(variant: str, quick: bool, directory: Path) -> Run:  # noqa: FBT001 - as every measure
    """Run handlers that compute, and compare their CPU time with what the cores had to give."""
    jobs = QUICK_JOBS if quick else JOBS
    with running(directory) as system:
        system.start_worker("benchmarks.handlers.compute")
        system.submit(_submissions(0, WARM_UP))
        system.until_finished(WARM_UP)
        before = system.cpu_seconds()
        system.submit(_submissions(WARM_UP, WARM_UP + jobs))
        system.until_finished(WARM_UP + jobs, look_seconds=RARELY)
        cpu = spent(before, system.cpu_seconds())
        found = returned(system.rows(WARM_UP + jobs), Computed).values()
        cores = system.settings.worker.processes
    check((one.number for one in found), WARM_UP + jobs)
    measured = [one for one in found if one.number >= WARM_UP]
    return Run(variant, _figures(measured, cores), cpu, version("joblog"))


def rows(runs: Sequence[Run]) -> list[Row]:
    """Return the share of the cores' time that handlers had."""
    found = values(runs, SHOWN, BUSY)
    if not found:
        return []
    what = f"CPU handlers of {CPU_SECONDS * 1_000:.0f} ms in child processes, share of the cores"
    return [Row.at_least(what, BAR, found, "%")]


def _submissions(first: int, end: int) -> Iterator[Submission]:
    return (Submission("compute", Nothing(number=number)) for number in range(first, end))


def _figures(measured: Sequence[Computed], cores: int) -> dict[str, float]:
    """Return the figures; the wall time is that from the first start to the last end."""
    wall = max(one.ended for one in measured) - min(one.started for one in measured)
    used = sum(one.cpu_seconds for one in measured)
    ran = sum(one.ended - one.started for one in measured)
    return {
        "jobs": len(measured),
        "wall seconds": wall,
        BUSY: 100 * used / (cores * wall),
        "% of the time that handlers ran": 100 * ran / (cores * wall),
    }


MEASURE: Final = Measure("process_pool", (SHOWN,), measure, rows)
