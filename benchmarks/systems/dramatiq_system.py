"""Dramatiq on Redis with an append-only file: its documented durable setting."""

import importlib
import os
import shutil
import sys
import time
from pathlib import Path
from typing import Final

import dramatiq
import redis

from benchmarks.processes import Processes, free_port, spent
from benchmarks.result import WARM_UP, Run, WrongJobsError

NAME: Final = f"Dramatiq {dramatiq.__version__} on Redis"
SETTINGS: Final = {"appendonly": "yes", "appendfsync": "everysec", "processes": "2", "threads": "8"}
RESULT_KEY_LENGTH: Final = 32
"""Dramatiq keeps each result under an MD5 in hex; no other key of it has that form."""


class RedisMissingError(Exception):
    """There is no redis-server to measure against."""

    def __init__(self) -> None:
        super().__init__(
            "redis-server is not on the PATH: install it, on Debian `apt-get install redis-server`"
        )


def find_server() -> str:
    """Return where redis-server is.

    Raises:
        RedisMissingError: it is not installed.
    """
    server = shutil.which("redis-server")
    if server is None:
        raise RedisMissingError
    return server


def run(jobs: int, directory: Path) -> Run:
    """Run no-op jobs, submitted while they run."""
    server = find_server()
    port = free_port()
    url = f"redis://127.0.0.1:{port}/0"
    os.environ["BENCHMARK_REDIS_URL"] = url
    with Processes(directory, {}) as processes:
        options = ("--bind", "127.0.0.1", "--port", str(port), "--dir", str(directory))
        durable = ("--appendonly", "yes", "--appendfsync", "everysec", "--save", "")
        processes.start("redis", server, *options, *durable)
        client = redis.Redis.from_url(url)
        processes.until(lambda: _answers(client), "the start of Redis")
        workers = ("--processes", SETTINGS["processes"], "--threads", SETTINGS["threads"])
        app = "benchmarks.systems.dramatiq_app"
        processes.start("workers", sys.executable, "-m", "dramatiq", app, *workers)
        sys.modules.pop(app, None)  # that of the round before has its Redis
        actor = importlib.import_module(app).noop
        for number in range(WARM_UP):
            actor.send(number, "x" * 40)
        processes.until(lambda: _recorded(client) >= WARM_UP, "the warm-up")
        busy, begun = processes.cpu_seconds(), time.monotonic()
        for number in range(jobs):
            actor.send(number, "x" * 40)
        processes.until(lambda: client.dbsize() >= jobs + WARM_UP, "the last result", 300)
        processes.until(lambda: _recorded(client) >= jobs + WARM_UP, "the last result", 300)
        seconds = time.monotonic() - begun
        cpu = spent(busy, processes.cpu_seconds())
        if (found := _recorded(client)) != jobs + WARM_UP:
            raise WrongJobsError(NAME, jobs + WARM_UP, found)
    return Run(NAME, jobs, seconds, cpu, settings=SETTINGS)


def _answers(client: "redis.Redis") -> bool:
    try:
        return bool(client.ping())
    except redis.ConnectionError:
        return False


def _recorded(client: "redis.Redis") -> int:
    return sum(len(key) == RESULT_KEY_LENGTH for key in client.scan_iter(count=10_000))
