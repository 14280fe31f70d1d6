"""Child processes of a measured system: started, waited for, their CPU time read, ended."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self

TICKS: Final = os.sysconf("SC_CLK_TCK")
END_WITHIN: Final = 20.0
LOOK_SECONDS: Final = 0.05
"""Time between two looks at a system that is measured: looking costs it time."""

RARELY: Final = 1.0
"""The same where nothing depends on when the end is seen."""


class Processes(AbstractContextManager["Processes"]):
    """The processes of a system; all are ended with the context."""

    def __init__(self, directory: Path, environment: Mapping[str, str]) -> None:
        """Write logs into a directory; add to this process's environment."""
        self._directory = directory
        self._environment = {**os.environ, **environment}
        self._children: dict[str, subprocess.Popen[bytes] | subprocess.Popen[str]] = {}

    def __enter__(self) -> Self:
        """Start nothing yet."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End all, the last started first."""
        children = list(self._children.values())
        for child in reversed(children):
            child.send_signal(signal.SIGTERM)
        for child in children:
            try:
                child.wait(END_WITHIN)
            except subprocess.TimeoutExpired:
                child.kill()

    def start(self, name: str, *command: str) -> None:
        """Start a command; what it prints goes into a log of its name."""
        with self._log(name) as out:
            self._children[name] = subprocess.Popen(
                command, env=self._environment, stdout=out, stderr=out
            )

    def start_with_pipes(self, name: str, *command: str) -> "subprocess.Popen[str]":
        """Start a command that is talked with through its standard input and output."""
        with self._log(name) as out:
            child = subprocess.Popen(
                command,
                env=self._environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=out,
                text=True,
            )
        self._children[name] = child
        return child

    def add_environment(self, environment: Mapping[str, str]) -> None:
        """Add to the environment of what is started from now on."""
        self._environment |= environment

    def run(self, *command: str) -> str:
        """Run a command to its end; return what it prints."""
        with self._log("run") as err:
            done = subprocess.run(
                command,
                env=self._environment,
                check=True,
                stdout=subprocess.PIPE,
                stderr=err,
                text=True,
            )
        return done.stdout

    def pid(self, name: str) -> int:
        """Return the process id of a process that was started."""
        return self._children[name].pid

    def cpu_seconds(self, **more: int) -> dict[str, float]:
        """Return user and system time so far, children included, of each process and of `more`, by name."""
        pids = {name: child.pid for name, child in self._children.items()} | more
        return {name: _tree_seconds(pid) for name, pid in pids.items()}

    def _log(self, name: str) -> IO[bytes]:
        return (self._directory / f"{name}.log").open("wb")

    def until(
        self,
        holds: Callable[[], bool],
        what: str,
        timeout: float = 60,
        look_seconds: float = LOOK_SECONDS,
    ) -> None:
        """Wait until something holds, looking so often; fail if a process ends or it takes too long."""
        end = time.monotonic() + timeout
        while not holds():
            for child in self._children.values():
                if child.poll() is not None:
                    raise RuntimeError(f"{child.args!r} ended with {child.returncode}: see its log")
            if time.monotonic() > end:
                raise TimeoutError(f"{what} took more than {timeout} s")
            time.sleep(look_seconds)


def spent(before: Mapping[str, float], after: Mapping[str, float]) -> dict[str, float]:
    """Return the time between two calls of `cpu_seconds`."""
    return {name: after[name] - before[name] for name in before}


def joblog(*arguments: str) -> tuple[str, ...]:
    """Return the command line of joblog's own command."""
    return (sys.executable, "-m", "joblog.cli", *arguments)


def free_port() -> int:
    """Return a port that is free now, on loopback."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def _tree_seconds(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except (FileNotFoundError, ProcessLookupError):  # it has ended, before or while it was read
        return 0.0
    own = (int(fields[11]) + int(fields[12])) / TICKS
    return own + sum(_tree_seconds(int(child)) for child in children)
