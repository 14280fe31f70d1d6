"""How late 20,000 delayed and retried jobs begin, and that none begins early."""

import random
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final, NamedTuple

from benchmarks.handlers.due import Due, Started
from benchmarks.joblog_system import Joblog, running
from benchmarks.measure import Measure, Row, values
from benchmarks.processes import spent
from benchmarks.result import Run, WrongJobsError, p50_p99
from benchmarks.returned import SHOWN, check, returned
from joblog import Submission
from joblog.schemas.state import JobRow

MS: Final = 1_000
SEED: Final = 20_000
"""The times when jobs are due are random, and the same in each run."""

WARM_UP: Final = 200
"""Jobs that are due at once, so that all is connected before the clock runs."""

EARLY: Final = "jobs that began early"
P99: Final = "due to handler, p99, ms"
P99_BAR: Final = 100.0


class Load(NamedTuple):
    """A load: so many jobs, which are all waiting after `lead` seconds, due within `window` seconds."""

    jobs: int
    lead: float
    window: float


FULL: Final = Load(jobs=20_000, lead=40, window=66)
QUICK: Final = Load(jobs=2_000, lead=10, window=10)
"""The load is 300 and 200 jobs/s: it is the delays that are measured, not how fast jobs can run."""


def measure(variant: str, quick: bool, directory: Path) -> Run:  # noqa: FBT001 - as every measure
    """Let all jobs wait, half of them for their first attempt and half for a retry, then let them run."""
    load = QUICK if quick else FULL
    with running(directory) as system:
        system.start_worker("benchmarks.handlers.due")
        system.submit(_due_at_once())
        system.until_finished(WARM_UP)
        first = time.time() + load.lead
        system.submit(_delayed(load, first))
        waiting = _all_waiting(system, load, first)
        _sleep_until(first)
        before = system.cpu_seconds()
        _sleep_until(first + load.window)  # nobody looks: that would cost the scheduler time
        system.until_finished(WARM_UP + load.jobs)
        cpu = spent(before, system.cpu_seconds())
        found = system.rows(WARM_UP + load.jobs)
    started = returned(found, Started)
    check((one.number for one in started.values()), WARM_UP + load.jobs)
    return Run(variant, _figures(found, started, waiting), cpu, version("joblog"))


def rows(runs: Sequence[Run]) -> list[Row]:
    """Return how many began early, and how late they began."""
    if not runs:
        return []
    early, late = values(runs, SHOWN, EARLY), values(runs, SHOWN, P99)
    jobs = max(values(runs, SHOWN, "jobs"))
    what = f"{jobs:,.0f} delayed and retried jobs"
    return [
        Row.at_most(f"{what}, begun before they were due, most of a round", 0, [max(early)]),
        Row.at_most(f"{what}, due to handler, p99", P99_BAR, late, "ms"),
    ]


def _due_at_once() -> Iterator[Submission]:
    now = time.time()
    payloads = (Due(number=number, at=now, retried=False) for number in range(WARM_UP))
    return (Submission("due", payload) for payload in payloads)


def _delayed(load: Load, first: float) -> Iterator[Submission]:
    chance = random.Random(SEED)
    for number in range(WARM_UP, WARM_UP + load.jobs):
        at = first + chance.uniform(0, load.window)
        payload = Due(number=number, at=at, retried=number % 2 == 1)
        if payload.retried:
            yield Submission("due", payload)
        else:
            yield Submission("due", payload, not_before=datetime.fromtimestamp(at, UTC))


def _all_waiting(system: Joblog, load: Load, first: float) -> Mapping[str, int]:
    """Return when each job is due, in ms of log time, once all wait and before the first is due.

    Raises:
        WrongJobsError: not all were waiting then.
    """
    system.processes.until(
        lambda: system.metric("joblog_retries_scheduled_total") >= load.jobs // 2, "first attempts"
    )
    found = system.rows_where(_waits, load.jobs)
    due = {row.job_id: row.due for row in found if row.due is not None and _waits(row)}
    if len(due) != load.jobs or time.time() > first:
        raise WrongJobsError(f"{SHOWN}, before the first was due,", load.jobs, len(due))
    return due


def _waits(row: JobRow) -> bool:
    return row.due is not None


def _sleep_until(moment: float) -> None:
    time.sleep(max(0.0, moment - time.time()))


def _figures(
    rows: Sequence[JobRow], started: Mapping[str, Started], due: Mapping[str, int]
) -> dict[str, float]:
    dispatched = {row.job_id: row.dispatched_at or 0 for row in rows}
    to_dispatch = [dispatched[job] - moment for job, moment in due.items()]
    to_handler = [started[job].at * MS - moment for job, moment in due.items()]
    early = sum(min(both) < 0 for both in zip(to_dispatch, to_handler, strict=True))
    p50, p99 = p50_p99(to_handler)
    return {
        "jobs": len(due),
        EARLY: early,
        "due to dispatch, p99, ms": p50_p99(to_dispatch)[1],
        "due to handler, p50, ms": p50,
        P99: p99,
        "due to handler, most, ms": max(to_handler),
    }


MEASURE: Final = Measure("lateness", (SHOWN,), measure, rows)
