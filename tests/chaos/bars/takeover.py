"""How soon jobs are dispatched again when a scheduler with a million rows is killed."""

import asyncio
import signal
import time
from pathlib import Path
from typing import Final

from benchmarks.preparation.tables import fill_tables
from joblog.streams.settings import Settings
from joblog.streams.topics import TopicMap
from tests.chaos.bars.figure import Figure
from tests.chaos.ground.field import Field
from tests.chaos.plan import Plan, Rate
from tests.faults.followed import Followed
from tests.history.ledger import wall_clock

ROWS: Final = 1_000_000
KILLS: Final = 3
SETTLED_SECONDS: Final = 8.0
WITHIN_SECONDS: Final = 120.0
POLL_SECONDS: Final = 0.1
PLAN: Final = Plan(1, "short", 1, 1, Rate(50, 0.0, None), 0.0, ())


async def measure(directory: Path) -> list[Figure]:
    """Kill it again and again; its disk stays."""
    async with Field.of(PLAN, directory, _fill) as field:
        submitting = asyncio.create_task(_submit(field))
        dispatched = Followed(field.settings, TopicMap.of(field.settings).works[0])
        await _next_dispatch(dispatched, 0)
        longest = 0.0
        for _ in range(KILLS):
            await asyncio.sleep(SETTLED_SECONDS)
            killed = wall_clock()
            await field.services.signal("scheduler", signal.SIGKILL)
            longest = max(longest, (await _next_dispatch(dispatched, killed) - killed) / 1_000)
        submitting.cancel()
    return [Figure(f"scheduler killed, {ROWS:,} rows: dispatching again, s", "≤ 10", longest)]


def _fill(settings: Settings) -> None:
    fill_tables(settings, ROWS)


async def _submit(field: Field) -> None:
    while True:
        await field.load.submit(field.client, ["quick"] * 5)
        await asyncio.sleep(POLL_SECONDS)


async def _next_dispatch(dispatched: Followed, after_ms: int) -> int:
    """Wait for a dispatch that was written after a time, and return when that was."""
    until = time.monotonic() + WITHIN_SECONDS
    while time.monotonic() < until:
        times = [record.timestamp for record in await asyncio.to_thread(dispatched.new)]
        later = [one for one in times if one > after_ms]
        if later:
            return min(later)
        await asyncio.sleep(POLL_SECONDS)
    raise TimeoutError(f"nothing was dispatched within {WITHIN_SECONDS} s")
