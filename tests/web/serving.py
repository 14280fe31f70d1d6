"""Web servers as processes."""

import os
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Final, Self

ROOT: Final = Path(__file__).parents[2]
SECONDS: Final = 30.0

SERVERS: Final = {
    "uvicorn": ("uvicorn", "examples.web.fastapi_app:app", "--fd"),
    "prefork": ("tests.web.prefork",),
}
"""Modules that serve the application, with arguments before the file descriptor of the socket."""


class Server(AbstractContextManager["Server"]):
    """A web server. It may be called at once: its socket listens before it runs. It is killed with the context.

    Args:
        arguments: module and arguments, one of `SERVERS`.
        environment: what is added to this process's environment.
        log_path: where its output goes.

    Attributes:
        url: where it is.
    """

    def __init__(
        self, arguments: Sequence[str], environment: Mapping[str, str], log_path: Path
    ) -> None:
        self.log_path = log_path
        with socket.create_server(("127.0.0.1", 0)) as listening, log_path.open("ab") as log:
            self.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
            self._process = subprocess.Popen(
                [sys.executable, "-m", *arguments, str(listening.fileno())],
                cwd=ROOT,
                env={**os.environ, **environment},
                pass_fds=[listening.fileno()],
                stdout=log,
                stderr=log,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.wait()

    def stop(self) -> int:
        """Send SIGTERM, wait for its end, and return the exit code."""
        self._process.terminate()
        return self._process.wait(SECONDS)
