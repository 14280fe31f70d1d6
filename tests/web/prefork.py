"""Serves the Django application as pre-forking servers do: it is imported once, then workers are forked.

The socket is the file descriptor that is named on the command line. SIGTERM ends the workers once they have
answered what they have begun.
"""

import os
import signal
import socket
import sys
import threading
from socketserver import ThreadingMixIn
from typing import Final
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from examples.web.django_app.wsgi import application

WORKERS: Final = 2


class ThreadingServer(ThreadingMixIn, WSGIServer):
    """Serves each connection in a thread of its own; closing it waits for all of them."""


class SilentHandler(WSGIRequestHandler):
    """Logs nothing."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Log nothing."""


def serve(listening: socket.socket) -> None:
    """Serve until SIGTERM."""
    address = listening.getsockname()
    server = ThreadingServer(address, SilentHandler, bind_and_activate=False)
    server.socket.close()
    server.socket = listening
    server.server_name, server.server_port = address
    server.setup_environ()
    server.set_app(application)
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    server.serve_forever(poll_interval=0.05)
    server.server_close()


def stop(workers: list[int]) -> None:
    """Send SIGTERM to processes."""
    for worker in workers:
        os.kill(worker, signal.SIGTERM)


def main(descriptor: int) -> int:
    """Serve in forked processes, and return an exit code: 0 if all of them ended well."""
    listening = socket.socket(fileno=descriptor)
    listening.setblocking(False)  # noqa: FBT003 - it has no name; another worker may be faster to accept
    workers = []
    for _ in range(WORKERS):
        worker = os.fork()
        if worker == 0:
            serve(listening)
            return 0
        workers.append(worker)
    signal.signal(signal.SIGTERM, lambda *_: stop(workers))
    ended = [os.waitpid(worker, 0)[1] for worker in workers]
    return int(any(ended))


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
