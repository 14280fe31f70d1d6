"""Celery's task, acknowledged after it ran, with results kept."""

import json
import os
from collections.abc import Iterable

from celery import Celery

from benchmarks.peers.redis_results import RedisResults

URL = os.environ["BENCHMARK_REDIS_URL"]

app = Celery("app", broker=URL, backend=URL)
app.conf.update(task_acks_late=True, worker_prefetch_multiplier=16, worker_hijack_root_logger=False)
kept = RedisResults(URL, "celery-task-meta-*")
at_most, recorded = kept.at_most, kept.recorded


@app.task(name="noop")
def noop(number: int, text: str) -> int:
    """Do nothing, and say which."""
    del text
    return number


def submit(numbers: Iterable[int]) -> None:
    """Submit jobs."""
    for number in numbers:
        noop.delay(number, "x" * 40)


def results() -> list[int]:
    """Return all results."""
    return [json.loads(value)["result"] for value in kept.values()]
