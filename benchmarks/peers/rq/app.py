"""RQ's job, with results kept."""

import os
from collections.abc import Sequence

import redis
from rq import Queue
from rq.job import Job
from rq.registry import FinishedJobRegistry

store = redis.Redis.from_url(os.environ["BENCHMARK_REDIS_URL"])
queue = Queue("noop", connection=store)
finished = FinishedJobRegistry("noop", connection=store)
DAY = 86_400


def noop(number: int, text: str) -> int:
    """Do nothing, and say which."""
    del text
    return number


def submit(numbers: Sequence[int]) -> None:
    """Submit jobs, many in one round trip."""
    prepared = [Queue.prepare_data(noop, (number, "x" * 40), result_ttl=DAY) for number in numbers]
    queue.enqueue_many(prepared)


def recorded() -> int:
    """Return how many results are there."""
    return int(store.zcard(finished.key))


def results() -> list[int]:
    """Return all results."""
    ids = finished.get_job_ids(cleanup=False)
    jobs = Job.fetch_many(ids, connection=store)
    return [job.return_value() for job in jobs if job is not None]
