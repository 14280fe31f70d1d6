"""How busy handlers that compute keep as many cores as a worker has child processes."""

from collections.abc import Iterator, Sequence
from importlib.metadata import version
from itertools import chain
from pathlib import Path
from typing import Final

from benchmarks.handlers.compute import CPU_SECONDS, Computed
from benchmarks.handlers.noop import Nothing
from benchmarks.joblog_system import no_ops, running
from benchmarks.measure import Measure, Row, values
from benchmarks.processes import RARELY, spent
from benchmarks.result import Run
from benchmarks.returned import SHOWN, check, returned
from joblog import Submission

JOBS: Final = 300
QUICK_JOBS: Final = 40
WARM_UP: Final = 4
"""Jobs that run before, so that all child processes are there."""

NO_OPS: Final = 20_000
QUICK_NO_OPS: Final = 2_000
"""Jobs that do nothing and run before: a broker that has just started compiles, which is not to be measured."""

COMPUTE: Final = "compute"

BUSY: Final = "% of the cores in handlers"
BAR: Final = 90.0


def measure(variant: str, quick: bool, directory: Path) -> Run:  # noqa: FBT001 - as every measure
    """Run handlers that compute, and compare their CPU time with what the cores had to give."""
    jobs, others = (QUICK_JOBS, QUICK_NO_OPS) if quick else (JOBS, NO_OPS)
    with running(directory) as system:
        system.start_worker("benchmarks.handlers.compute")  # which declares both kinds of jobs
        system.submit(chain(no_ops(0, others), _submissions(0, WARM_UP)))
        system.until_finished(others + WARM_UP)
        before = system.cpu_seconds()
        system.submit(_submissions(WARM_UP, WARM_UP + jobs))
        system.until_finished(others + WARM_UP + jobs, look_seconds=RARELY)
        cpu = spent(before, system.cpu_seconds())
        computing = [row for row in system.rows(others + WARM_UP + jobs) if row.type == COMPUTE]
        found = returned(computing, Computed).values()
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
    return (Submission(COMPUTE, Nothing(number=number)) for number in range(first, end))


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
