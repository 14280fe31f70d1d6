"""The template process, as the worker sees it."""

import asyncio
import json
import logging
import socket
import sys
from asyncio.subprocess import Process
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from typing import Final, NamedTuple, Self

from joblog.processors.worker.executors.frames import receive_async
from joblog.processors.worker.executors.template_main import FORK, FORKED, REQUEST_BYTES

PROGRAM: Final = (
    "import json, sys; "
    "sys.path[:] = json.loads(sys.argv.pop()); "
    "from joblog.processors.worker.executors.template_main import main; "
    "main()"
)
"""Imports from where the worker does, then is a template."""

END_SECONDS: Final = 5.0
"""How long the kernel may take to end a killed process."""


class Forked(NamedTuple):
    """A process that was forked.

    Attributes:
        pid: its process id.
        ended: done when it has ended, with its exit code; or when the template has, with None.
    """

    pid: int
    ended: "asyncio.Future[int | None]"


class TemplateGone(Exception):  # noqa: N818 - a signal between two classes, never seen outside
    """The template process has ended."""


class Template:
    """Forks children, kills them, and knows how they ended."""

    def __init__(
        self,
        process: Process,
        requests: socket.socket,
        replies: asyncio.StreamReader,
        connection: asyncio.StreamWriter,
    ) -> None:
        """Take a started template; use `start`."""
        self._process = process
        self._requests = requests
        self._replies = replies
        self._connection = connection  # it closes what the replies come by once it is forgotten
        self._forks: deque[asyncio.Future[Forked]] = deque()
        self._ends: dict[int, asyncio.Future[int | None]] = {}
        self._reading = asyncio.create_task(self._read(), name="hear of child processes")

    @classmethod
    async def start(cls, modules: Sequence[str]) -> Self:
        """Start a template that imports modules; it is of use at once, though it forks only after that."""
        requests, their_requests = socket.socketpair()
        replies, their_replies = socket.socketpair()
        with their_requests, their_replies:
            descriptors = (their_requests.fileno(), their_replies.fileno())
            level = logging.getLogger().getEffectiveLevel()
            arguments = [*map(str, descriptors), str(level), *modules, json.dumps(sys.path)]
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-c",
                PROGRAM,
                *arguments,
                stdin=asyncio.subprocess.DEVNULL,
                pass_fds=descriptors,
            )
        return cls(process, requests, *await asyncio.open_connection(sock=replies))

    @property
    def alive(self) -> bool:
        """Whether it can fork."""
        return not self._reading.done()

    async def fork(self, connection: socket.socket) -> Forked:
        """Fork a child that talks over a connection, once the modules are imported.

        Raises:
            TemplateGone: the template has ended.
        """
        forked: asyncio.Future[Forked] = asyncio.get_running_loop().create_future()
        try:
            socket.send_fds(self._requests, [_request(FORK)], [connection.fileno()])
        except OSError as error:
            raise TemplateGone from error
        self._forks.append(forked)
        return await forked

    def kill(self, child: int) -> None:
        """End a child, unless it has ended."""
        try:
            self._requests.sendall(_request(child))
        except OSError:
            return  # without its template a child ends when its connection is closed

    async def stop(self) -> None:
        """End the template; its children end when their connections are closed."""
        self._requests.close()
        with suppress(ProcessLookupError):
            self._process.kill()  # it may be in the middle of an import
        with suppress(TimeoutError):
            async with asyncio.timeout(END_SECONDS):
                await self._process.wait()
        self._connection.close()  # which ends the reading, though a module may have started what holds it
        with suppress(ConnectionError):
            await self._connection.wait_closed()
        await self._reading

    async def _read(self) -> None:
        try:
            while True:
                self._take(*await receive_async(self._replies))
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        for fork in self._forks:
            if not fork.done():
                fork.set_exception(TemplateGone())
        for end in self._ends.values():
            end.set_result(None)
        self._ends.clear()

    def _take(self, kind: str, child: int, exit_code: int | None = None) -> None:
        if kind == FORKED:
            self._ends[child] = asyncio.get_running_loop().create_future()
            fork = self._forks.popleft()
            if not fork.cancelled():
                fork.set_result(Forked(child, self._ends[child]))
        else:
            self._ends.pop(child).set_result(exit_code)


def _request(number: int) -> bytes:
    return number.to_bytes(REQUEST_BYTES, "big")
