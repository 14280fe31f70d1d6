"""A PostgreSQL of the tests' own, from the system's package, on loopback."""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from joblog.streams.broker.ports import free_port

PACKAGED: Final = Path("/usr/lib/postgresql")
"""Where Debian has them: beside the PATH, by version."""

USER: Final = "joblog"
START_SECONDS: Final = 30.0
POLL_SECONDS: Final = 0.02


def binaries() -> Path | None:
    """Return the directory with PostgreSQL's programs, the newest there is."""
    found = shutil.which("initdb")
    if found is not None:
        return Path(found).resolve().parent
    packaged = sorted(PACKAGED.glob("*/bin"), key=lambda path: float(path.parent.name))
    return packaged[-1] if packaged else None


class PostgresServer:
    """A server with its data in a temporary directory. Use it as a context manager."""

    def __init__(self, programs: Path) -> None:
        self._programs = programs
        self._port = free_port()

    def __enter__(self) -> Self:
        self._directory = Path(tempfile.mkdtemp(prefix="joblog-postgres-"))
        unprivileged = _unprivileged(self._directory)
        data = str(self._directory / "data")
        self._run(
            *unprivileged, self._program("initdb"), "-D", data, "-U", USER, "-A", "trust", "-N"
        )
        place = ("-h", "127.0.0.1", "-p", str(self._port), "-k", str(self._directory))
        fast = (
            "-c",
            "fsync=off",
            "-c",
            "max_connections=50",
        )  # no test takes the machine's power away
        with (self._directory / "log").open("wb") as log:
            self._process = subprocess.Popen(
                [*unprivileged, self._program("postgres"), "-D", data, *place, *fast],
                stdout=log,
                stderr=log,
                cwd=self._directory,
            )
        self._wait()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._process.send_signal(signal.SIGINT)  # its fast shutdown
        self._process.wait(START_SECONDS)
        shutil.rmtree(self._directory)

    def new_database(self) -> str:
        """Make a database and return its URL."""
        name = f"t{secrets.token_hex(4)}"
        place = ("-h", "127.0.0.1", "-p", str(self._port), "-U", USER)
        self._run(self._program("createdb"), *place, name)
        return f"postgresql://{USER}@127.0.0.1:{self._port}/{name}"

    def _program(self, name: str) -> str:
        return str(self._programs / name)

    def _run(self, *command: str) -> None:
        done = subprocess.run(command, capture_output=True, check=False, cwd="/")
        assert done.returncode == 0, done.stderr.decode()

    def _wait(self) -> None:
        end = time.monotonic() + START_SECONDS
        while not self._answers():
            log = (self._directory / "log").read_text()
            assert self._process.poll() is None and time.monotonic() < end, log  # noqa: PT018 - one log
            time.sleep(POLL_SECONDS)

    def _answers(self) -> bool:
        place = ("-h", "127.0.0.1", "-p", str(self._port), "-q")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", self._port)) != 0:
                return False
        return subprocess.run([self._program("pg_isready"), *place], check=False).returncode == 0


def _unprivileged(directory: Path) -> tuple[str, ...]:
    """Return how to run what refuses root, and hand it the directory."""
    if os.geteuid() != 0:
        return ()
    shutil.chown(directory, "nobody")
    return ("setpriv", "--reuid", "nobody", "--clear-groups")
