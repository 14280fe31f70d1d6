"""Dramatiq's actor, with results kept, as its guide says."""

import os

import dramatiq
from dramatiq.brokers.redis import RedisBroker
from dramatiq.results import Results
from dramatiq.results.backends import RedisBackend

URL = os.environ["BENCHMARK_REDIS_URL"]

broker = RedisBroker(url=URL)  # type: ignore[no-untyped-call]
results = RedisBackend(url=URL)
broker.add_middleware(Results(backend=results, store_results=True))  # type: ignore[no-untyped-call]
dramatiq.set_broker(broker)


@dramatiq.actor(queue_name="noop")
def noop(number: int, text: str) -> int:
    """Do nothing, and say which."""
    del text
    return number
