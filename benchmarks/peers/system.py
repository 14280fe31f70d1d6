"""Measures a peer: its store, its workers, and a driver in its environment that submits and counts."""

import json
import os
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from benchmarks.peers.catalog import Peer
from benchmarks.peers.environments import HERE, python_of, version_of
from benchmarks.processes import Processes, spent
from benchmarks.result import WrongJobsError

CHUNK: Final = 500
"""Jobs that are submitted with one command."""

MOST_WAITING: Final = 5_000
"""Nothing more is submitted while so many jobs wait, so that a slow peer soon comes to its end."""

MOST_SECONDS: Final = 10.0
"""Nothing is submitted later: a slow peer is measured by fewer jobs."""


class Driver:
    """The process that submits to a peer."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        """Talk to a process that runs `driver.py`."""
        self._process = process

    def ask(self, command: str, *numbers: int) -> Any:  # noqa: ANN401 - JSON
        """Give a command and return its answer."""
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("the driver has no pipes")
        self._process.stdin.write(json.dumps([command, *numbers]) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError(f"the driver ended at {command!r}: see its log")
        return json.loads(answer)


class Done(NamedTuple):
    """What a peer did: so many jobs, in so many seconds, with so much CPU time of each process."""

    version: str
    jobs: int
    seconds: float
    cpu_seconds: Mapping[str, float]


def run_peer(peer: Peer, warm_up: int, jobs: int, directory: Path) -> Done:
    """Run no-op jobs, submitted while they run; fewer than `jobs` where that would take too long."""
    python = str(python_of(peer.name))
    path = os.pathsep.join(map(str, (HERE / peer.name, HERE.parents[1])))
    environment = {"PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
    with Processes(directory, environment) as processes:
        processes.add_environment(peer.store(processes, directory))
        command = (python, str(HERE / "driver.py"))
        driver = Driver(processes.start_with_pipes("submitter", *command))
        driver.ask("prepare")
        for number in range(peer.workers):
            processes.start(f"worker {number + 1}", python, *peer.command)
        driver.ask("submit", 0, warm_up)
        _wait_for_all(processes, driver, warm_up)
        busy, begun = processes.cpu_seconds(), time.monotonic()
        submitted = _submit(processes, driver, warm_up, jobs)
        _wait_for_all(processes, driver, warm_up + submitted)
        seconds = time.monotonic() - begun
        cpu = spent(busy, processes.cpu_seconds())
        found = sorted(driver.ask("results"))
    if found != list(range(warm_up + submitted)):
        raise WrongJobsError(peer.shown, warm_up + submitted, len(found))
    return Done(version_of(peer.name), submitted, seconds, cpu)


def _submit(processes: Processes, driver: Driver, warm_up: int, jobs: int) -> int:
    ends = time.monotonic() + MOST_SECONDS
    submitted = 0
    while submitted < jobs and time.monotonic() < ends:
        first, more = warm_up + submitted, min(CHUNK, jobs - submitted)
        _wait(processes, driver, "at_most", first - MOST_WAITING)
        driver.ask("submit", first, first + more)
        submitted += more
    return submitted


def _wait_for_all(processes: Processes, driver: Driver, number: int) -> None:
    for question in ("at_most", "recorded"):
        _wait(processes, driver, question, number)


def _wait(processes: Processes, driver: Driver, question: str, number: int) -> None:
    processes.until(lambda: driver.ask(question) >= number, f"{number} results", 300)
