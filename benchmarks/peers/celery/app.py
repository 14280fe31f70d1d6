"""Celery's task, acknowledged after it ran, with results kept."""

import json
import os
from collections.abc import Iterable

import redis
from celery import Celery

URL = os.environ["BENCHMARK_REDIS_URL"]
RESULTS = "celery-task-meta-*"

app = Celery("app", broker=URL, backend=URL)
app.conf.update(task_acks_late=True, worker_prefetch_multiplier=16, worker_hijack_root_logger=False)
store = redis.Redis.from_url(URL)


@app.task(name="noop")
def noop(number: int, text: str) -> int:
    """Do nothing, and say which."""
    del text
    return number


def submit(numbers: Iterable[int]) -> None:
    """Submit jobs."""
    for number in numbers:
        noop.delay(number, "x" * 40)


def at_most() -> int:
    """Return a number that there are no more results than, without looking at them."""
    return int(store.dbsize())


def recorded() -> int:
    """Return how many results are there."""
    return sum(1 for _ in store.scan_iter(RESULTS, count=10_000))


def results() -> list[int]:
    """Return all results."""
    values = store.mget(list(store.scan_iter(RESULTS, count=10_000)))
    return [json.loads(value)["result"] for value in values]
