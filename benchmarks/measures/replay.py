"""How fast a replay folds a long log, against reading and decoding alone, both on one core."""

import json
import os
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from benchmarks.cores import first_and_others, keep_on
from benchmarks.joblog_system import Joblog, running
from benchmarks.measure import Measure, Row
from benchmarks.preparation.ids import ids_of
from benchmarks.preparation.log import write_log
from benchmarks.preparation.story import EVENTS
from benchmarks.replaying.rebuild import hash_of
from benchmarks.result import Run, WrongJobsError
from joblog.lifecycle.states import Status

JOBS: Final = 1_000_000
QUICK_JOBS: Final = 10_000
SHOWN: Final = "joblog"
SHARE: Final = 35.0
RESIDENT_MB: Final = 300.0


def measure(_: str, quick: bool, directory: Path) -> Run:  # noqa: FBT001 - as every measure
    """Write a log, then read it partition by partition, barely and as a replay; the broker has another core."""
    jobs = QUICK_JOBS if quick else JOBS
    with running(directory, services=()) as system:
        write_log(system.settings, jobs)
        core, others = first_and_others()
        keep_on(system.broker.pid, others)
        before = os.sched_getaffinity(0)
        os.sched_setaffinity(0, core)  # for the processes that are started from here on
        try:
            partitions = range(system.settings.partitions)
            found = [_compared(system, one, jobs, directory) for one in partitions]
        finally:
            os.sched_setaffinity(0, before)
    figures: dict[str, float] = {"events": EVENTS * jobs}
    for number, one in enumerate(found):
        figures |= {f"{name}, partition {number}": value for name, value in one.items()}
    return Run(SHOWN, figures, version=version("joblog"))


def rows(runs: Sequence[Run]) -> list[Row]:
    """Return the share of the bare loop's speed, and the most memory; each partition is a round."""
    bare, replay = _each(runs, "bare events/s"), _each(runs, "replay events/s")
    shares = [100 * mine / theirs for mine, theirs in zip(replay, bare, strict=True)]
    events = f"{runs[0].figures['events']:,.0f} events"
    return [
        Row.at_least(f"replay of {events} against a bare read loop", SHARE, shares, "%"),
        Row.at_most("most resident memory of a replay", RESIDENT_MB, _each(runs, "MB"), "MB"),
    ]


def _compared(system: Joblog, partition: int, jobs: int, directory: Path) -> Mapping[str, float]:
    ids = sorted(ids_of(partition, system.settings.partitions, jobs))
    bare = _child(system, "bare", str(partition))
    replay = _child(system, "rebuild", str(partition), str(directory / "replayed"))
    if replay["jobs"] != {Status.SUCCEEDED: len(ids)}:
        raise WrongJobsError("replay", len(ids), replay["jobs"].get(Status.SUCCEEDED, 0))
    if replay["hash"] != hash_of(job_id.encode() for job_id in ids):
        raise RuntimeError(f"the jobs that a replay of partition {partition} found are others")
    events = EVENTS * len(ids)
    return {
        "bare events/s": events / bare["seconds"],
        "replay events/s": events / replay["seconds"],
        "MB": replay["highest MB"],
    }


def _child(system: Joblog, module: str, *arguments: str) -> Any:  # noqa: ANN401 - JSON
    command = (sys.executable, "-m", f"benchmarks.replaying.{module}", *arguments)
    return json.loads(system.processes.run(*command))


def _each(runs: Sequence[Run], name: str) -> list[float]:
    return [
        value
        for run in runs
        for figure, value in run.figures.items()
        if figure.startswith(f"{name}, ")
    ]


MEASURE: Final = Measure("replay", (SHOWN,), measure, rows, rounds=1)
