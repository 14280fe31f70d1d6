"""joblog's processes on a real Kafka, as an operator runs them: by the product's own command."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from joblog.streams.settings import Settings

SHORT: Final = {
    "JOBLOG_SESSION_TIMEOUT_MS": "2000",
    "JOBLOG_HEARTBEAT_INTERVAL_MS": "500",
    "JOBLOG_PURGE_INTERVAL_MS": "86400000",
    "JOBLOG_WORKER__LEASE_MS": "3000",
    "JOBLOG_WORKER__HEARTBEAT_MS": "900",
    "JOBLOG_WORKER__STARTED_AFTER_MS": "500",
    "JOBLOG_SCHEDULER__COMMIT_INTERVAL_MS": "100",
}
"""Short sessions and leases, so that faults are noticed within seconds; many commits; and all records stay."""

POLL_SECONDS: Final = 0.1


class ConditionTimeoutError(AssertionError):
    """What a test waited for did not come; the message has the tails of the processes' logs."""


class Cluster(AbstractContextManager["Cluster"]):
    """Processes by name, in one namespace. All are killed with the context.

    Attributes:
        settings: the settings that they have in common.
        environment: the same as environment variables.
    """

    def __init__(
        self,
        directory: Path,
        bootstrap_servers: str,
        namespace: str,
        environment: Mapping[str, str] = SHORT,
    ) -> None:
        self._directory = directory
        self.environment = {
            "JOBLOG_BOOTSTRAP_SERVERS": bootstrap_servers,
            "JOBLOG_NAMESPACE": namespace,
            **environment,
        }
        self.settings = Settings(bootstrap_servers=bootstrap_servers, namespace=namespace)
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        """Create the topics."""
        self.run("topics", "create")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Kill what still runs."""
        for process in self._processes.values():
            process.kill()
            process.wait()

    def run(self, *arguments: str) -> str:
        """Run a command of joblog to its end and return its output."""
        done = subprocess.run(
            self._command(*arguments),
            env=self._environment("command"),
            capture_output=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode()

    def start(
        self, name: str, *arguments: str, command: tuple[str, ...] | None = None
    ) -> subprocess.Popen[bytes]:
        """Start a process with a data directory and a log of its own; restart it under its former name."""
        with self.log_path(name).open("ab") as log:
            process = subprocess.Popen(
                command or self._command(*arguments),
                env=self._environment(name),
                stdout=log,
                stderr=log,
            )
        self._processes[name] = process
        return process

    def kill(self, name: str) -> None:
        """SIGKILL."""
        self._processes[name].kill()
        self._processes[name].wait()

    def signal(self, name: str, signum: signal.Signals) -> None:
        """Send a signal."""
        self._processes[name].send_signal(signum)

    def wait(self, name: str, timeout: float = 30) -> int:
        """Wait for a process to end and return its exit code."""
        return self._processes[name].wait(timeout)

    def alive(self, name: str) -> bool:
        """Return whether a process runs (or is stopped by SIGSTOP)."""
        return self._processes[name].poll() is None

    def log_path(self, name: str) -> Path:
        """Return where a process's output goes."""
        return self._directory / f"{name}.log"

    def until(self, holds: Callable[[], object], what: str, timeout: float = 60) -> None:
        """Wait for a condition."""
        end = time.monotonic() + timeout
        while not holds():
            if time.monotonic() > end:
                raise ConditionTimeoutError(f"{what}: not within {timeout} s\n{self._tails()}")
            time.sleep(POLL_SECONDS)

    def _command(self, *arguments: str) -> tuple[str, ...]:
        return (sys.executable, "-m", "joblog.cli", *arguments)

    def _environment(self, name: str) -> dict[str, str]:
        return {**os.environ, **self.environment, "JOBLOG_DATA_DIR": str(self._directory / name)}

    def _tails(self) -> str:
        tails = []
        for name, process in self._processes.items():
            lines = self.log_path(name).read_text(errors="replace").splitlines()[-15:]
            tails.append("\n".join([f"--- {name} (exit {process.poll()})", *lines]))
        return "\n".join(tails)
