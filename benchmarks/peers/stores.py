"""Where peers keep their jobs: Redis with an append-only file, PostgreSQL as it comes."""

import os
import shutil
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Final

from benchmarks.processes import Processes, free_port

REDIS_SETTINGS: Final = {"appendonly": "yes", "appendfsync": "everysec", "save": ""}
REDIS: Final = "Redis, append-only file, `appendfsync everysec`, no snapshots"
POSTGRES: Final = "PostgreSQL, its defaults: each commit is synced"
"""The stores, in words."""

Store = Callable[[Processes, Path], dict[str, str]]
"""Starts a store in a directory; returns the variables by which apps find it."""


class ServerMissingError(Exception):
    """A peer's store is not installed."""

    def __init__(self, program: str, package: str) -> None:
        super().__init__(
            f"{program} is not on the PATH: install it, on Debian `apt-get install {package}`"
        )


def redis(processes: Processes, directory: Path) -> dict[str, str]:
    """Start Redis so that it loses a second of writes at most.

    Raises:
        ServerMissingError: it is not installed.
    """
    port = free_port()
    settings = [word for name, value in REDIS_SETTINGS.items() for word in (f"--{name}", value)]
    place = ("--bind", "127.0.0.1", "--port", str(port), "--dir", str(directory))
    processes.start("redis", _found("redis-server", "redis-server"), *place, *settings)
    processes.until(lambda: _listens(port), "the start of Redis")
    url = f"redis://127.0.0.1:{port}/0"
    return {"BENCHMARK_REDIS_URL": url, "RQ_REDIS_URL": url}


def postgres(processes: Processes, directory: Path) -> dict[str, str]:
    """Start PostgreSQL with its defaults, which sync each commit.

    Raises:
        ServerMissingError: it is not installed.
    """
    port, data = free_port(), directory / "postgres"
    data.mkdir(mode=0o700)
    initdb, server = _found("initdb", "postgresql"), _found("postgres", "postgresql")
    unprivileged = _unprivileged(data)
    processes.run(*unprivileged, initdb, "-D", str(data), "-U", "joblog", "-A", "trust")
    place = ("-D", str(data), "-p", str(port), "-h", "127.0.0.1", "-k", str(data))
    processes.start("postgres", *unprivileged, server, *place)
    processes.until(lambda: _listens(port), "the start of PostgreSQL")
    return {"BENCHMARK_POSTGRES_URL": f"postgresql://joblog@127.0.0.1:{port}/postgres"}


def _found(program: str, package: str) -> str:
    found = shutil.which(program)
    if found is None:
        raise ServerMissingError(program, package)
    return found


def _unprivileged(directory: Path) -> tuple[str, ...]:
    """Return how to run a command that refuses root, and hand it a directory in one that is ours."""
    if os.geteuid() != 0:
        return ()
    directory.parent.chmod(0o711)  # so that it can be reached
    shutil.chown(directory, "nobody")
    return ("setpriv", "--reuid", "nobody", "--clear-groups")


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
