"""Taskiq's task on a Redis stream, which acknowledges, with results kept."""

import asyncio
import json
import os
from collections.abc import Sequence

import redis
from taskiq.serializers import JSONSerializer
from taskiq_redis import RedisAsyncResultBackend, RedisStreamBroker

URL = os.environ["BENCHMARK_REDIS_URL"]
RESULTS = "result:*"

broker = RedisStreamBroker(URL).with_result_backend(
    RedisAsyncResultBackend(URL, prefix_str="result", serializer=JSONSerializer())
)
store = redis.Redis.from_url(URL)
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


def at_most() -> int:
    """Return a number that there are no more results than, without looking at them."""
    return int(store.dbsize())


def recorded() -> int:
    """Return how many results are there."""
    return sum(1 for _ in store.scan_iter(RESULTS, count=10_000))


def results() -> list[int]:
    """Return all results."""
    values = store.mget(list(store.scan_iter(RESULTS, count=10_000)))
    return [json.loads(value)["return_value"] for value in values]
