"""A child process, as its worker sees it."""

import asyncio
import logging
import socket
import traceback
from contextlib import suppress
from typing import Any, Final, Self

from joblog.processors.worker.executors.abc import Run
from joblog.processors.worker.executors.child_main import (
    BEGUN,
    CANCEL,
    END,
    HEARTBEAT,
    LOG,
    RUN,
    SCOPE,
    UNFIT,
)
from joblog.processors.worker.executors.frames import FrameUnreadable, frame, receive_async
from joblog.processors.worker.executors.template import END_SECONDS, Forked, Template
from joblog.processors.worker.outcomes import Outcome
from joblog.processors.worker.scope import Scope
from joblog.processors.worker.scope.errors import ResourceFailedError
from joblog.processors.worker.scope.held import CLOSE_SECONDS

SOCKET_BYTES: Final = 16 * 1024 * 1024
"""More than the kernel keeps of what was sent and not yet read."""

LEAVE_SECONDS: Final = CLOSE_SECONDS + END_SECONDS
"""How long a process that was asked to end may take to close what it has opened."""

logger = logging.getLogger(__name__)


class ChildDied(Exception):  # noqa: N818 - a signal between two classes, never seen outside
    """The process has ended.

    Attributes:
        exit_code: its exit code; negative, the number of the signal that ended it; None if unknown.
        begun: whether it had begun with the run.
    """

    def __init__(self, exit_code: int | None, *, begun: bool) -> None:
        self.exit_code = exit_code
        self.begun = begun
        super().__init__(exit_code)


class Child:
    """A process that runs one handler after the other."""

    def __init__(
        self,
        template: Template,
        forked: Forked,
        connection: socket.socket,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        """Take a forked child and the connection to it; use `start`."""
        self._template = template
        self._pid = forked.pid
        self._ended = forked.ended
        self._connection = connection
        self._reader = reader
        self._writer = writer
        self._ended.add_done_callback(self._take_the_rest)

    @classmethod
    async def start(cls, template: Template, scope: Scope) -> Self:
        """Start a process: a few ms, but for the first, which waits for the template's imports.

        Args:
            template: forks it.
            scope: what its handlers run within; it opens its own before it begins with the first.

        Raises:
            TemplateGone: the template has ended.
        """
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                forked = await template.fork(theirs)
            except BaseException:
                ours.close()
                raise
        child = cls(template, forked, ours, *await asyncio.open_connection(sock=ours))
        child._writer.write(frame((SCOPE, *scope.declared)))
        return child

    @property
    def alive(self) -> bool:
        """Whether the process can take a run."""
        return not (self._reader.at_eof() or self._writer.is_closing())

    async def run(self, handler: bytes, run: Run) -> Outcome:
        """Run a handler.

        Args:
            handler: the handler, pickled.
            run: its run.

        Raises:
            ChildDied: the process ended in the middle of it, or before; or it was ended, as it sent what
                cannot be read.
            ResourceFailedError: the process has not what its handlers share, and has not begun.
        """
        begun = False
        try:
            await self._send(RUN, handler, run.call)
            run.when_cancelled(lambda: self._writer.write(frame((CANCEL,))))
            while True:
                kind, *rest = await receive_async(self._reader)
                if kind == BEGUN:
                    begun = True
                    run.begun()
                elif kind == HEARTBEAT:
                    run.told(*rest)
                elif kind == LOG:
                    _log(*rest)
                elif kind == UNFIT:
                    raise _failure(*rest)
                else:
                    outcome: Outcome = rest[0]
                    return outcome
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            raise ChildDied(await self.end(), begun=begun) from error
        except FrameUnreadable as error:
            logger.exception("a child process is ended: what it sent cannot be read")
            raise ChildDied(await self.end(), begun=True) from error

    async def leave(self) -> None:
        """Have the process, which runs nothing, close what it has opened and end; end it if it does not."""
        with suppress(asyncio.IncompleteReadError, ConnectionError, FrameUnreadable, TimeoutError):
            async with asyncio.timeout(LEAVE_SECONDS):
                await self._send(END)
                while True:
                    kind, *rest = await receive_async(self._reader)
                    if kind == LOG:
                        _log(*rest)
        await self.end()

    async def end(self) -> int | None:
        """End the process, if it has not ended by itself, and return its exit code."""
        if not self._ended.done():  # else its number may be another's
            self._template.kill(self._pid)
        self._writer.transport.abort()  # what is not yet sent would keep it open while nobody reads it
        with suppress(ConnectionError):
            await self._writer.wait_closed()
        await asyncio.wait({self._ended}, timeout=END_SECONDS)
        return self._ended.result() if self._ended.done() else None

    def _take_the_rest(self, ended: "asyncio.Future[int | None]") -> None:
        """Read what the process had sent when it ended, and no more: what it forked may keep its end open."""
        if ended.result() is None or self._writer.is_closing():
            return
        with suppress(OSError):  # nothing is left
            if rest := self._connection.recv(SOCKET_BYTES):
                self._reader.feed_data(rest)
        self._writer.transport.abort()

    async def _send(self, *message: Any) -> None:  # noqa: ANN401 - any message
        self._writer.write(frame(message))
        await self._writer.drain()


def _failure(resource: str, step: str, reason: str, notes: list[str]) -> ResourceFailedError:
    failure = ResourceFailedError(resource, step, reason)
    for note in notes:
        failure.add_note(note)
    return failure


def _log(record: dict[str, Any]) -> None:
    """Handle a log record of the process as if it were made here."""
    try:
        logging.getLogger(record["name"]).handle(logging.makeLogRecord(record))
    except Exception:  # noqa: BLE001 - filters may be anybody's, and expect more of a record than is sent
        traceback.print_exc()  # not logged: it would come by the same filter
