"""Taskiq's task on a Redis stream, which acknowledges, with results kept."""

import asyncio
import json
import os
from collections.abc import Sequence

from taskiq.serializers import JSONSerializer
from taskiq_redis import RedisAsyncResultBackend, RedisStreamBroker

from benchmarks.peers.redis_results import RedisResults

URL = os.environ["BENCHMARK_REDIS_URL"]

broker = RedisStreamBroker(URL).with_result_backend(
    RedisAsyncResultBackend(URL, prefix_str="result", serializer=JSONSerializer())
)
kept = RedisResults(URL, "result:*")
at_most, recorded = kept.at_most, kept.recorded
runner = asyncio.Runner()


@broker.task(task_name="noop")
async def noop(number: int, text: str) -> int:
    """Do nothing, and say which."""
    del text
    return number


async def _submit(numbers: Sequence[int]) -> None:
    if not broker.is_worker_process and not getattr(broker, "begun", False):
        await broker.startup()
        broker.begun = True
    await asyncio.gather(*(noop.kiq(number, "x" * 40) for number in numbers))


def submit(numbers: Sequence[int]) -> None:
    """Submit jobs, all at once."""
    runner.run(_submit(numbers))


def results() -> list[int]:
    """Return all results."""
    return [json.loads(value)["return_value"] for value in kept.values()]
