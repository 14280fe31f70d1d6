"""Dramatiq's actor, with results kept, as its guide says."""

import json
import os
from collections.abc import Iterable

import dramatiq
import redis
from dramatiq.brokers.redis import RedisBroker
from dramatiq.results import Results
from dramatiq.results.backends import RedisBackend

URL = os.environ["BENCHMARK_REDIS_URL"]
RESULT_KEY_LENGTH = 32
"""Each result is under an MD5 in hex; no other key of Dramatiq has that form."""

broker = RedisBroker(url=URL)
broker.add_middleware(Results(backend=RedisBackend(url=URL), store_results=True))
dramatiq.set_broker(broker)
store = redis.Redis.from_url(URL)


@dramatiq.actor(queue_name="noop")
def noop(number: int, text: str) -> int:
    """Do nothing, and say which."""
    del text
    return number


def submit(numbers: Iterable[int]) -> None:
    """Submit jobs."""
    for number in numbers:
        noop.send(number, "x" * 40)


def at_most() -> int:
    """Return a number that there are no more results than, without looking at them."""
    return int(store.dbsize())


def recorded() -> int:
    """Return how many results are there."""
    return len(_result_keys())


def results() -> list[int]:
    """Return all results."""
    pipeline = store.pipeline()
    for key in _result_keys():
        pipeline.lindex(key, 0)
    return [json.loads(value) for value in pipeline.execute()]


def _result_keys() -> list[bytes]:
    return [key for key in store.scan_iter(count=10_000) if len(key) == RESULT_KEY_LENGTH]
