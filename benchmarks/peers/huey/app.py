"""Huey's task, with results kept."""

import os
import pickle
from collections.abc import Sequence

from huey import RedisHuey

huey = RedisHuey("app", url=os.environ["BENCHMARK_REDIS_URL"])


@huey.task()
def noop(number: int, text: str) -> int:
    """Do nothing, and say which."""
    del text
    return number


def submit(numbers: Sequence[int]) -> None:
    """Submit jobs."""
    for number in numbers:
        noop(number, "x" * 40)


def recorded() -> int:
    """Return how many results are there."""
    return int(huey.storage.result_store_size())


def results() -> list[int]:
    """Return all results."""
    values = huey.storage.result_items().values()
    return [pickle.loads(value) for value in values]  # noqa: S301 - its own
