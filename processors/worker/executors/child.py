"""A child process, as its worker sees it."""

import asyncio
import logging
import socket
from contextlib import suppress
from typing import Any, Final, Self

from joblog.processors.worker.executors.abc import Run
from joblog.processors.worker.executors.child_main import BEGUN, CANCEL, HEARTBEAT, LOG, RUN
from joblog.processors.worker.executors.frames import frame, receive_async
from joblog.processors.worker.executors.template import Template
from joblog.processors.worker.outcomes import Outcome

END_SECONDS: Final = 5.0
"""How long the kernel may take to end a killed process."""


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
        pid: int,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        """Take a forked child and the connection to it; use `start`."""
        self._template = template
        self._pid = pid
        self._reader = reader
        self._writer = writer

    @classmethod
    async def start(cls, template: Template) -> Self:
        """Start a process: a few ms, but for the first, which waits for the template's imports.

        Raises:
            TemplateGone: the template has ended.
        """
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                pid = await template.fork(theirs)
            except BaseException:
                ours.close()
                raise
        reader, writer = await asyncio.open_connection(sock=ours)
        return cls(template, pid, reader, writer)

    @property
    def alive(self) -> bool:
        """Whether the process can take a run."""
        return not self._reader.at_eof()

    async def run(self, handler: bytes, run: Run) -> Outcome:
        """Run a handler.

        Args:
            handler: the handler, pickled.
            run: its run.

        Raises:
            ChildDied: the process ended in the middle of it, or before.
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
                    logging.getLogger(rest[0].name).handle(rest[0])
                else:
                    outcome: Outcome = rest[0]
                    return outcome
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            raise ChildDied(await self.end(), begun=begun) from error

    async def end(self) -> int | None:
        """End the process, if it has not ended by itself, and return its exit code."""
        self._template.kill(self._pid)
        self._writer.close()
        with suppress(ConnectionError):
            await self._writer.wait_closed()
        with suppress(TimeoutError):
            async with asyncio.timeout(END_SECONDS):
                return await self._template.ended(self._pid)
        return None

    async def _send(self, *message: Any) -> None:  # noqa: ANN401 - any message
        self._writer.write(frame(message))
        await self._writer.drain()
