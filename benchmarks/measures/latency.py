"""How long a job takes from the call of `submit` to the first line of its handler, at a steady load."""

import asyncio
import time
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Final

from benchmarks.handlers.timed import Arrived, Timed
from benchmarks.joblog_system import running
from benchmarks.measure import Measure, Row, values
from benchmarks.processes import spent
from benchmarks.result import Run, p50_p99
from benchmarks.returned import SHOWN, check, returned
from joblog import Client
from joblog.streams.settings import Settings

RATE: Final = 200
"""Jobs per second, each submitted by a call of its own at its time, whatever became of those before it."""

SECONDS: Final = 20
QUICK_SECONDS: Final = 5
WARM_UP: Final = 5 * RATE
"""Jobs at the same pace before those that are measured."""

P50: Final = "submit to handler, p50, ms"
P99: Final = "submit to handler, p99, ms"
P50_BAR: Final = 5.0
P99_BAR: Final = 30.0


def measure(variant: str, quick: bool, directory: Path) -> Run:  # noqa: FBT001 - as every measure
    """Submit jobs at a steady pace."""
    jobs = WARM_UP + RATE * (QUICK_SECONDS if quick else SECONDS)
    with running(directory) as system:
        system.start_worker("benchmarks.handlers.timed")
        asyncio.run(_submit(system.settings, 1))
        system.until_finished(1)
        before = system.cpu_seconds()
        delays = asyncio.run(_submit(system.settings, jobs, first=1))
        cpu = spent(before, system.cpu_seconds())
        system.until_finished(jobs)
        found = returned(system.rows(jobs), Arrived).values()
    check((one.number for one in found), jobs)
    measured = [one.seconds * 1_000 for one in found if one.number >= WARM_UP]
    p50, p99 = p50_p99(measured)
    figures = {"jobs": len(measured), P50: p50, P99: p99, "most, ms": max(measured)}
    figures["submitter behind its pace, p99, ms"] = p50_p99(delays[WARM_UP:])[1]
    return Run(variant, figures, cpu, version("joblog"))


def rows(runs: Sequence[Run]) -> list[Row]:
    """Return median and 99th percentile."""
    if not runs:
        return []
    what = f"submit to handler at {RATE} jobs/s"
    return [
        Row.at_most(f"{what}, p50", P50_BAR, values(runs, SHOWN, P50), "ms"),
        Row.at_most(f"{what}, p99", P99_BAR, values(runs, SHOWN, P99), "ms"),
    ]


async def _submit(settings: Settings, end: int, first: int = 0) -> list[float]:
    """Submit jobs at their times, and return how many ms after it each one's call began."""
    loop = asyncio.get_running_loop()
    behind: list[float] = []

    async def submit(number: int, due: float) -> None:
        behind.append((loop.time() - due) * 1_000)
        await client.submit("timed", Timed(number=number, submitted=time.time()))

    async with Client(settings) as client, asyncio.TaskGroup() as group:
        begun = loop.time()
        for place, number in enumerate(range(first, end)):
            due = begun + place / RATE
            await asyncio.sleep(due - loop.time())
            group.create_task(submit(number, due))
    return behind


MEASURE: Final = Measure("latency", (SHOWN,), measure, rows)
