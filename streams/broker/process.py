"""One run of Kafka's server: a guarded process and its log."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from joblog.streams.broker.errors import BrokerStartError
from joblog.streams.broker.jvm import READY

GUARD = Path(__file__).with_name("guard.py")
READY_CHECK_SECONDS = 0.02
TAIL_LINES = 25


class BrokerProcess:
    """A running Kafka server that does not outlive the process that started it.

    Attributes:
        pid: process id of the Java virtual machine.
    """

    def __init__(self, command: Sequence[str], home: Path, log_path: Path, lock_fd: int) -> None:
        """Start the process; ``lock_fd`` is a file descriptor that it keeps open while it lives."""
        guard = [sys.executable, "-I", "-S", str(GUARD), str(os.getpid()), str(lock_fd)]
        self._log_path = log_path
        with log_path.open("wb") as output:
            self._process = subprocess.Popen(
                [*guard, *command],
                cwd=home,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                pass_fds=(lock_fd,),
                start_new_session=True,  # a terminal's Ctrl-C is for us: clients stop first
            )
        self.pid = self._process.pid

    def wait_until_ready(self, timeout: float) -> None:
        """Wait until Kafka says that it has started; whatever comes in between ends it.

        Raises:
            BrokerStartError: it ended, or did not say so within ``timeout`` seconds.
        """
        try:
            self._wait_for_ready_line(timeout)
        except BaseException:  # a Ctrl-C too must not leave it running
            self.kill()
            raise

    def terminate(self, timeout: float) -> None:
        """Ask it to end and wait; after ``timeout`` seconds end it by force: no data is lost."""
        self._process.send_signal(signal.SIGTERM)
        if not self._ends_within(timeout):
            self.kill()

    def kill(self) -> None:
        """End it at once, as a power cut of the broker alone would, and wait until it is gone."""
        self._process.kill()
        self._process.wait()

    def wait(self, timeout: float | None) -> int:
        """Wait for its end and return its exit code; TimeoutError after ``timeout`` seconds."""
        try:
            return self._process.wait(timeout)
        except subprocess.TimeoutExpired as error:
            raise TimeoutError(f"Kafka still runs after {timeout} s") from error

    def _wait_for_ready_line(self, timeout: float) -> None:
        deadline = time.monotonic() + timeout
        while READY not in self._log_path.read_bytes():
            if self._ends_within(READY_CHECK_SECONDS):
                raise self._start_error(f"ended with exit code {self._process.returncode}")
            if time.monotonic() > deadline:
                raise self._start_error(f"was not ready after {timeout:g} s")

    def _ends_within(self, seconds: float) -> bool:
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def _start_error(self, reason: str) -> BrokerStartError:
        return BrokerStartError(reason, self._log_path, tail_of(self._log_path))


def run_to_end(command: Sequence[str], home: Path, log_path: Path, timeout: float) -> str:
    """Run a program to its end; return what went wrong, or nothing."""
    with log_path.open("wb") as output:
        try:
            exit_code = subprocess.call(
                command,
                cwd=home,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                timeout=timeout,
            )
        except subprocess.TimeoutExpired:
            return f"not done after {timeout:g} s"
    return f"exit code {exit_code}" if exit_code else ""


def tail_of(log_path: Path) -> str:
    """The last lines of a log."""
    lines = log_path.read_text(encoding="utf-8", errors="replace").splitlines()
    return "\n".join(lines[-TAIL_LINES:])
