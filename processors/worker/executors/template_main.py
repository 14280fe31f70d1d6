"""The process from which children are forked: it has imported the handlers, and does nothing else.

A child that is forked off it begins within milliseconds. multiprocessing's forkserver does nearly the
same, but each of its children first imports again what started the worker, which takes half a second.

Run as ``python -c "from … import main; main()" REQUESTS_FD REPLIES_FD LOG_LEVEL MODULE…``.
"""

import gc
import importlib
import os
import selectors
import signal
import socket
import sys
from typing import Final

from joblog.processors.worker.executors.child_main import child_main, leave_it_to_the_worker
from joblog.processors.worker.executors.frames import frame

REQUEST_BYTES: Final = 8
FORK: Final = 0
"""A request to fork; it brings the connection of the child. Any other number is a child to be killed."""

FORKED: Final = "forked"
EXITED: Final = "exited"


def main() -> None:
    """Import the modules, then fork and kill children as asked, and say how they ended."""
    requests, replies = (socket.socket(fileno=int(number)) for number in sys.argv[1:3])
    for signum in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signum, leave_it_to_the_worker)
    for name in sys.argv[4:]:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()  # what is imported lives for ever: children need not copy it by looking at it
    _Template(requests, replies, int(sys.argv[3])).serve()


class _Template:
    def __init__(self, requests: socket.socket, replies: socket.socket, log_level: int) -> None:
        self._requests = requests
        self._replies = replies
        self._log_level = log_level
        self._children: set[int] = set()
        self._woken, self._wakes = os.pipe()
        for descriptor in (self._woken, self._wakes):
            os.set_blocking(descriptor, False)
        signal.set_wakeup_fd(self._wakes)
        signal.signal(signal.SIGCHLD, leave_it_to_the_worker)

    def serve(self) -> None:
        """Serve until the worker is gone."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._requests, selectors.EVENT_READ)
            selector.register(self._woken, selectors.EVENT_READ)
            while True:
                for key, _ in selector.select():
                    if key.fileobj is self._requests:
                        if not self._answer():
                            return
                    else:
                        os.read(self._woken, 4_096)
                        self._reap()

    def _answer(self) -> bool:
        request, descriptors, _, _ = socket.recv_fds(self._requests, REQUEST_BYTES, 1)
        if not request:
            return False
        number = int.from_bytes(request, "big")
        if number == FORK:
            self._fork(descriptors[0])
        elif number in self._children:  # else it has ended, and its number may be another's
            os.kill(number, signal.SIGKILL)
        return True

    def _fork(self, connection: int) -> None:
        child = os.fork()
        if child == 0:
            self._become_child(connection)
        os.close(connection)
        self._children.add(child)
        self._replies.sendall(frame((FORKED, child)))

    def _become_child(self, connection: int) -> None:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for descriptor in (self._woken, self._wakes):
            os.close(descriptor)
        self._requests.close()
        self._replies.close()
        try:
            child_main(socket.socket(fileno=connection), self._log_level)
        finally:
            os._exit(1)  # whatever happens, a child never returns to be a template

    def _reap(self) -> None:
        while self._children:
            child, status = os.waitpid(-1, os.WNOHANG)
            if child == 0:
                return
            self._children.discard(child)
            self._replies.sendall(frame((EXITED, child, os.waitstatus_to_exitcode(status))))
