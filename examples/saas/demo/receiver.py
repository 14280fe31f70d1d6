"""A customer's HTTP server, which takes webhooks and fails on purpose."""

import threading
from collections import defaultdict
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Final, Self

SILENCE: Final = 0
"""Instead of a status: no answer, until the server ends."""
POLL: Final = 0.05
"""Seconds until the server notices that it has to end."""


@dataclass(frozen=True)
class Script:
    """How the server answers a message.

    Attributes:
        answers: status of each answer to the same message; the last one is repeated.
    """

    answers: tuple[int, ...]

    def answer(self, attempt: int) -> int:
        """Return the status for the n-th attempt, from 1."""
        return self.answers[min(attempt, len(self.answers)) - 1]


class Receiver:
    """Answers a POST to /<script>/… as the script says. Use it as a context manager.

    Attributes:
        answered: statuses given to each message so far, by its idempotency key.
    """

    def __init__(self, scripts: dict[str, Script]) -> None:
        self.answered: dict[str, list[int]] = defaultdict(list)
        self._scripts = scripts
        self._lock = threading.Lock()
        self._ending = threading.Event()
        self._server = _Server(self)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(POLL,), name="receiver"
        )

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        """Start to listen."""
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End, also what waits in silence."""
        self._ending.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def receive(self, path: str, key: str) -> int:
        """Note a message, and return the status to answer with."""
        script = self._scripts[path.split("/")[1]]
        with self._lock:
            answers = self.answered[key]
            answers.append(script.answer(len(answers) + 1))
            return answers[-1]

    def stay_silent(self) -> None:
        """Return when the server ends."""
        self._ending.wait()


class _Server(ThreadingHTTPServer):
    request_queue_size = 128

    def __init__(self, receiver: Receiver) -> None:
        self.receiver = receiver
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        status = self.server.receiver.receive(self.path, self.headers["Idempotency-Key"])
        if status == SILENCE:
            self.server.receiver.stay_silent()
            return
        self.send_response(status)
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            self.send_header("Retry-After", "1")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the standard library's name
        """Say nothing."""
