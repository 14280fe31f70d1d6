"""How fast jobs run after each fault, beside how fast they ran before it."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Final

from aiokafka import TopicPartition

from joblog.client import Submission
from joblog.streams.cloudevents import TYPE_PREFIX
from joblog.streams.kafka.log_reader import LogReader
from joblog.streams.topics import TopicMap
from tests.chaos.bars.figure import Figure
from tests.chaos.doing import brokers
from tests.chaos.ground.field import Field
from tests.chaos.plan import Plan, Rate, Step
from tests.faults.numbers import Number
from tests.history.ledger import wall_clock

JOBS: Final = 450_000
WINDOWS: Final = 3
WINDOW_SECONDS: Final = 10
RECOVERY_SECONDS: Final = 20
"""Between a fault and the first window after it."""

PLAN: Final = Plan(1, "short", 1, 2, Rate(0, 0.0, None), 0.0, ())
SUCCEEDED: Final = ("ce_type", f"{TYPE_PREFIX}AttemptSucceeded".encode())


async def _kill(field: Field, name: str) -> None:
    await field.services.signal(name, signal.SIGKILL)


FAULTS: Final[dict[str, Callable[[Field], Awaitable[object]]]] = {
    "a worker is killed": lambda field: _kill(field, "worker-0"),
    "the scheduler is killed": lambda field: _kill(field, "scheduler"),
    "the delay service is killed": lambda field: _kill(field, "delays"),
    "the broker is killed": lambda field: brokers.killed(field, Step(0, 0, "broker_killed", "")),
}


async def measure(directory: Path) -> list[Figure]:
    """Do each fault in the middle of a backlog."""
    figures = []
    for number, (name, fault) in enumerate(FAULTS.items()):
        async with Field.of(PLAN, directory / str(number)) as field:
            figures.append(await _around(field, name, fault))
    return figures


async def _around(field: Field, name: str, fault: Callable[[Field], Awaitable[object]]) -> Figure:
    await field.client.submit_many(Submission("noop", Number(number=n)) for n in range(JOBS))
    began = wall_clock()
    await asyncio.sleep(WINDOWS * WINDOW_SECONDS)
    await fault(field)
    await asyncio.sleep(RECOVERY_SECONDS)
    after = wall_clock()
    await asyncio.sleep(WINDOWS * WINDOW_SECONDS)
    times = await _successes(field)
    before, later = _rate(times, began), _rate(times, after)
    return Figure(
        f"{name}: jobs/s after, % of the {before:,.0f} before", "≥ 90", later / before * 100
    )


async def _successes(field: Field) -> list[int]:
    """Return when each attempt succeeded, ms."""
    events = TopicMap.of(field.settings).events
    starts = {TopicPartition(events.name, number): 0 for number in range(events.partitions)}
    found: list[int] = []
    async with LogReader(field.settings) as reader:
        async for records in reader.read(starts):
            found += [record.timestamp for record in records if SUCCEEDED in record.headers]
    return found


def _rate(times: Sequence[int], begin: int) -> float:
    """Return the median of windows, jobs/s."""
    width = WINDOW_SECONDS * 1_000
    windows = [range(begin + n * width, begin + (n + 1) * width) for n in range(WINDOWS)]
    return median(sum(one in window for one in times) / WINDOW_SECONDS for window in windows)
