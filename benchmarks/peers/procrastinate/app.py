"""Procrastinate's task; it keeps no results, so a job's arguments say which one succeeded."""

import os
from collections.abc import Sequence

import procrastinate
import psycopg

URL = os.environ["BENCHMARK_POSTGRES_URL"]
app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=URL))
SUCCEEDED = "SELECT {} FROM procrastinate_jobs WHERE status = 'succeeded'"


@app.task(name="noop")
async def noop(number: int, text: str) -> int:
    """Do nothing, and say which."""
    del text
    return number


def prepare() -> None:
    """Make the tables."""
    with app.open():
        app.schema_manager.apply_schema()


def submit(numbers: Sequence[int]) -> None:
    """Submit jobs, many in one statement."""
    jobs = [{"number": number, "text": "x" * 40} for number in numbers]
    with app.open():
        noop.batch_defer(*jobs)


def recorded() -> int:
    """Return how many jobs have succeeded."""
    [(count,)] = _selected("count(*)")
    return int(count)


def results() -> list[int]:
    """Return which jobs have succeeded."""
    return [number for (number,) in _selected("(args->>'number')::int")]


def _selected(what: str) -> list[tuple[int]]:
    with psycopg.connect(URL) as connection:
        return connection.execute(SUCCEEDED.format(what)).fetchall()
