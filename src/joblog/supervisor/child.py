"""One run of a child process, which does not outlive the process that started it."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, Process
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from typing import Final, Self

from joblog.streams.broker.process import GUARD

READ_BYTES: Final = 64 * 1024
LAST_LINES_SECONDS: Final = 5.0
"""How long the last lines of a process that has ended may take; its own children may hold the pipe open."""

Output = Callable[[str, str], None]
"""Takes a line of output: name of the process, text without its end."""


@dataclass(frozen=True)
class ChildSpec:
    """What to run.

    Attributes:
        name: what the process is called.
        command: program, by its absolute path, and arguments.
        environment: variables beside those of this process.
        live_url: answers 200 while the process is alive; None where nothing is to be asked.
        hopeless_codes: exit codes after which it would most likely end like that again, so that it gets the
            longest pause unless it is renewed.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    live_url: str | None = None
    hopeless_codes: frozenset[int] = frozenset()


class Child:
    """A running child process, in a session of its own: a terminal's Ctrl-C does not reach it.

    Attributes:
        pid: its process id, also that of its process group.
    """

    def __init__(self, process: Process, relaying: "asyncio.Task[None]") -> None:
        """Take a process and what relays its output; use `start`."""
        self._process = process
        self._relaying = relaying
        self.pid = process.pid

    @classmethod
    async def start(cls, spec: ChildSpec, output: Output) -> Self:
        """Start a process; each line that it prints goes to `output`.

        Raises:
            OSError: the machine has no room for it.
        """
        with ExitStack() as ours, ExitStack() as to_relay:
            unlocked = os.open(os.devnull, os.O_RDONLY)
            ours.callback(os.close, unlocked)
            guard = [sys.executable, "-I", "-S", str(GUARD), str(os.getpid()), str(unlocked)]
            # A pipe of our own: asyncio waits for the end of its pipes, which grandchildren may hold open.
            read_end, write_end = os.pipe()
            ours.callback(os.close, write_end)
            to_relay.callback(os.close, read_end)
            process = await asyncio.create_subprocess_exec(
                *guard,
                *spec.command,
                env={**os.environ, **spec.environment},
                stdin=DEVNULL,
                stdout=write_end,
                stderr=write_end,
                pass_fds=(unlocked,),
                start_new_session=True,
            )
            to_relay.pop_all()
        relaying = asyncio.create_task(
            _relay(read_end, spec.name, output), name=f"relay {spec.name}"
        )
        return cls(process, relaying)

    async def wait(self) -> int:
        """Wait for the end of the process and of all that it started, and return its exit code."""
        code = await self._process.wait()
        self.kill()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._relaying, LAST_LINES_SECONDS)
        return code

    async def stop(self, grace: float) -> int:
        """Ask the process to end; after `grace` seconds end it by force. Return its exit code."""
        with suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGTERM)
        with suppress(TimeoutError):
            await asyncio.wait_for(self._process.wait(), grace)
        self.kill()
        return await self.wait()

    def kill(self) -> None:
        """End the process and all that it started, at once."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)


async def _relay(read_end: int, name: str, output: Output) -> None:
    reader = asyncio.StreamReader()
    with os.fdopen(read_end, "rb", buffering=0) as pipe:
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), pipe
        )
        try:
            await _split(reader, name, output)
        finally:
            transport.close()


async def _split(reader: asyncio.StreamReader, name: str, output: Output) -> None:
    rest = b""
    while chunk := await reader.read(READ_BYTES):
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            output(name, line.decode(errors="replace"))
    if rest:
        output(name, rest.decode(errors="replace"))
