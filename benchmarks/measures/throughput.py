"""No-op jobs per second, end to end, and what CPU time they take: joblog and its peers in turn."""

from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from statistics import median
from time import monotonic, process_time
from typing import Final

from benchmarks.joblog_system import ROOM_LOOK_SECONDS, no_ops, running
from benchmarks.measure import Measure, Row, ratios, values
from benchmarks.peers.catalog import PEERS
from benchmarks.peers.system import MOST_WAITING, run_peer
from benchmarks.processes import spent
from benchmarks.result import Run, p50_p99
from benchmarks.returned import SHOWN, check, returned_numbers
from joblog.schemas.state import JobRow

JOBS: Final = 100_000
QUICK_JOBS: Final = 4_000
WARM_UP: Final = 1_000
"""Jobs that a system runs before it is measured, so that none is measured at its start."""

FASTEST: Final = 2.0
CELERY: Final = 6.0
RATE: Final = "jobs/s"
CPU: Final = "CPU s per 1,000 jobs"


def measure(variant: str, quick: bool, directory: Path) -> Run:  # noqa: FBT001 - as every measure
    """Run no-op jobs, submitted while they run; a slow peer gets as many as it can run in some seconds."""
    jobs = QUICK_JOBS if quick else JOBS
    if variant == SHOWN:
        return _run_joblog(jobs, directory)
    [peer] = [one for one in PEERS if one.shown == variant]
    done = run_peer(peer, WARM_UP, jobs, directory)
    figures = _figures(done.jobs, done.seconds, sum(done.cpu_seconds.values()))
    return Run(variant, figures, done.cpu_seconds, done.version)


def rows(runs: Sequence[Run]) -> list[Row]:
    """Return the ratios to the fastest peer and to Celery, and the place by CPU time."""
    peers = list(dict.fromkeys(run.variant for run in runs if run.variant != SHOWN))
    if not peers:
        return []
    fastest = max(peers, key=lambda peer: median(values(runs, peer, RATE)))
    found = [_ratio(runs, fastest, FASTEST, f"{fastest}, the fastest peer")]
    if "Celery" in peers:
        found.append(_ratio(runs, "Celery", CELERY, "Celery"))
    return [*found, _least_cpu(runs, peers)]


def _ratio(runs: Sequence[Run], peer: str, bar: float, shown: str) -> Row:
    rate = median(values(runs, SHOWN, RATE))
    what = f"no-op jobs/s ({rate:,.0f}) against {shown}"
    return Row.at_least(what, bar, ratios(runs, SHOWN, peer, RATE), "×")


def _least_cpu(runs: Sequence[Run], peers: Sequence[str]) -> Row:
    least = min(peers, key=lambda peer: median(values(runs, peer, CPU)))
    mine, theirs = median(values(runs, SHOWN, CPU)), median(values(runs, least, CPU))
    spread = " – ".join(
        f"{one:.3f}" for one in (min(values(runs, SHOWN, CPU)), max(values(runs, SHOWN, CPU)))
    )
    bar = f"≤ {theirs:.3f} ({least})"
    return Row("CPU s per 1,000 no-op jobs", bar, f"{mine:.3f}", spread, mine <= theirs)


def _run_joblog(jobs: int, directory: Path) -> Run:
    with running(directory) as system:
        system.start_worker("benchmarks.handlers.noop")
        system.submit(no_ops(0, WARM_UP))
        system.until_finished(WARM_UP)
        busy, own, begun = system.cpu_seconds(), process_time(), monotonic()
        system.submit(no_ops(WARM_UP, WARM_UP + jobs), most_waiting=MOST_WAITING)
        system.until_finished(WARM_UP + jobs, look_seconds=ROOM_LOOK_SECONDS)
        seconds = monotonic() - begun
        cpu = spent(busy, system.cpu_seconds()) | {"submitter": process_time() - own}
        found = system.rows(WARM_UP + jobs)
    check(returned_numbers(found), WARM_UP + jobs)
    figures = _figures(jobs, seconds, sum(cpu.values())) | _stages(found)
    return Run(SHOWN, figures, cpu, version("joblog"))


def _figures(jobs: int, seconds: float, cpu_seconds: float) -> dict[str, float]:
    return {"jobs": jobs, RATE: jobs / seconds, CPU: cpu_seconds / jobs * 1_000}


def _stages(rows: Sequence[JobRow]) -> dict[str, float]:
    stages = {
        "submitted to dispatched": [
            (row.dispatched_at or 0) - row.opening.submitted_at for row in rows
        ],
        "dispatched to outcome": [
            (row.finished_at or 0) - (row.dispatched_at or 0) for row in rows
        ],
    }
    return {
        f"{stage}, {share}, ms": value
        for stage, times in stages.items()
        for share, value in zip(("p50", "p99"), p50_p99(times), strict=True)
    }


MEASURE: Final = Measure("throughput", (SHOWN, *(peer.shown for peer in PEERS)), measure, rows)
