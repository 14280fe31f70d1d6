"""The end of a child's connection by which it speaks to its worker."""

import socket
import threading
from collections import deque
from typing import Any, Final

from joblog.processors.worker.executors.frames import frame

PATIENCE_SECONDS: Final = 5.0
"""How long a thread waits for another that is writing, before it leaves its message to that one."""


class Sender:
    """Sends messages from any thread, whole and in the order in which they were sent.

    Finalizers and signal handlers may run between any two instructions, also of this class, and may send, or
    wait for a lock that a sending thread holds, such as that of a log handler. So a thread that sends while
    it is writing leaves the message to what it interrupted, and no thread waits for another without end.

    Args:
        connection: to whom it sends.
        patience: most seconds that a thread waits for another that is writing. Defaults to 5.
    """

    def __init__(self, connection: socket.socket, patience: float = PATIENCE_SECONDS) -> None:
        self._connection = connection
        self._patience = patience
        self._unwritten: deque[bytes] = deque()
        self._turn = threading.RLock()
        self._writing = False

    def send(self, *message: Any) -> None:  # noqa: ANN401 - any message
        """Send a message.

        When this returns it is written, and outlives this process; unless it was left to a thread that is
        writing, or to what this interrupted.

        Raises:
            OSError: the other end is gone.
        """
        self._unwritten.append(frame(message))
        while self._unwritten and self._turn.acquire(timeout=self._patience):
            try:
                if self._writing:  # by this thread: it goes on once this returns
                    return
                self._write()
            finally:
                self._turn.release()

    def _write(self) -> None:
        try:
            self._writing = True
            if self._unwritten:  # else another thread has written it meanwhile
                self._connection.sendall(self._unwritten[0])
                self._unwritten.popleft()  # not before: who finds none takes its own for written
        finally:
            self._writing = False
