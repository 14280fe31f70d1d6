"""Whether processes grow: an hour of load with faults that leave them alive."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from statistics import linear_regression, mean
from typing import Final, NamedTuple

from benchmarks.memory import resident_mb
from tests.chaos.bars.figure import Figure
from tests.chaos.doing import do
from tests.chaos.ground.field import Field
from tests.chaos.plan import Plan, Rate, Step

SECONDS: Final = 3_600.0
LAST_SECONDS: Final = 2_400.0
SAMPLE_SECONDS: Final = 10.0
HOUR: Final = 3_600.0
NAMES: Final = ("scheduler", "delays", "worker-0", "worker-1")

FAULTS: Final = (
    ("cut", "worker", 0.0),
    ("slow", "scheduler", 5.0),
    ("cut", "scheduler", 0.0),
    ("stall", "delays", 4.0),
    ("broker_stopped", "", 2.0),
    ("never_return", "", 0.0),
    ("cut", "delays", 0.0),
    ("slow", "worker", 5.0),
)
"""One after the other, one every so often; none of them ends a process."""

BETWEEN_SECONDS: Final = 60.0
PLAN: Final = Plan(1, "default", 1, 2, Rate(100, 0.05, None), SECONDS, ())


class Sample(NamedTuple):
    """The resident memory of a process, MB, at a time, s."""

    name: str
    pid: int
    at: float
    megabytes: float


async def measure(directory: Path) -> list[Figure]:
    """Run the load, and return how each process grew."""
    samples: list[Sample] = []
    async with Field.of(PLAN, directory) as field:
        began = time.monotonic()
        async with asyncio.TaskGroup() as group:
            load = group.create_task(field.load.run(field.client, began))
            beside = [
                group.create_task(field.load.garbage_too()),
                group.create_task(_disturb(field)),
                group.create_task(_sample(field, began, samples)),
            ]
            await load
            for task in beside:
                task.cancel()
    return [figure for name in NAMES for figure in _figures(name, samples)]


async def _disturb(field: Field) -> None:
    number = 0
    while True:
        await asyncio.sleep(BETWEEN_SECONDS)
        name, target, seconds = FAULTS[number % len(FAULTS)]
        await do(field, Step(0.0, seconds, name, target))
        number += 1


async def _sample(field: Field, began: float, samples: list[Sample]) -> None:
    while True:
        await asyncio.sleep(SAMPLE_SECONDS)
        for name in NAMES:
            pid = await field.services.pid(name)
            samples.append(Sample(name, pid, time.monotonic() - began, resident_mb(pid)))


def _figures(name: str, samples: Sequence[Sample]) -> list[Figure]:
    """Return the slope of a process over the last part; of the run that was longest, if it was ended."""
    runs: dict[int, list[Sample]] = defaultdict(list)
    for sample in samples:
        if sample.name == name and sample.at >= SECONDS - LAST_SECONDS:
            runs[sample.pid].append(sample)
    longest = max(runs.values(), key=len)
    slope = linear_regression([one.at for one in longest], [one.megabytes for one in longest]).slope
    average = mean(one.megabytes for one in longest)
    what = f"{name}: growth of {average:.0f} MB over {longest[-1].at - longest[0].at:,.0f} s, % an hour"
    return [Figure(what, "≤ 2", slope * HOUR / average * 100)]
