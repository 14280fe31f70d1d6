"""arq's function, with results kept."""

import asyncio
import os
import pickle
from collections.abc import Sequence
from typing import Any, ClassVar

from arq import create_pool
from arq.connections import RedisSettings
from arq.worker import Function, func

from benchmarks.peers.redis_results import RedisResults

URL = os.environ["BENCHMARK_REDIS_URL"]
kept = RedisResults(URL, "arq:result:*")
recorded = kept.recorded
runner = asyncio.Runner()
pools: list[Any] = []


async def noop(context: dict[str, Any], number: int, text: str) -> int:
    """Do nothing, and say which."""
    del context, text
    return number


class WorkerSettings:
    """What `arq app.WorkerSettings` runs."""

    functions: ClassVar[list[Function]] = [func(noop, keep_result=86_400)]
    redis_settings = RedisSettings.from_dsn(URL)
    max_jobs = 100
    poll_delay = 0.05


async def _submit(numbers: Sequence[int]) -> None:
    if not pools:
        pools.append(await create_pool(RedisSettings.from_dsn(URL)))
    [pool] = pools
    await asyncio.gather(*(pool.enqueue_job("noop", number, "x" * 40) for number in numbers))


def submit(numbers: Sequence[int]) -> None:
    """Submit jobs, all at once."""
    runner.run(_submit(numbers))


def at_most() -> int:
    """Return a number that there are no more results than, without looking at them."""
    return kept.at_most() - int(kept.redis.zcard("arq:queue"))


def results() -> list[int]:
    """Return all results."""
    return [pickle.loads(value)["r"] for value in kept.values()]  # noqa: S301 - its own
