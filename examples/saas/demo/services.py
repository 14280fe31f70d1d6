"""The product's own commands, as processes that end with the demo."""

import asyncio
import json
import sys
from collections import defaultdict
from pathlib import Path
from types import TracebackType
from typing import Any, Final, NamedTuple, Self

from joblog.supervisor import ChildSpec
from joblog.supervisor.child import Child

JOBLOG: Final = str(Path(sys.executable).with_name("joblog"))
GRACE: Final = 10.0
"""Seconds that a process has to end after SIGTERM."""
POLL: Final = 0.05


class ServiceEndedError(Exception):
    """A service that has to run has ended."""


class CommandFailedError(Exception):
    """A command ended with an exit code that says so."""


class Ended(NamedTuple):
    """A command that has ended: its exit code, and the lines that it printed."""

    code: int
    lines: list[str]

    @property
    def documents(self) -> list[dict[str, Any]]:
        """The JSON documents among the lines."""
        return [json.loads(line) for line in self.lines if line.startswith("{")]


class Services:
    """Runs joblog's commands. Use it as an async context manager, which ends them.

    Args:
        logs: an existing directory for what they print.

    Attributes:
        environment: variables of commands, beside those of this process.
    """

    def __init__(self, logs: Path) -> None:
        self.environment: dict[str, str] = {}
        self._logs = logs
        self._printed: dict[str, list[str]] = defaultdict(list)
        self._running: dict[str, Child] = {}
        self._ends: dict[str, asyncio.Task[int]] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End all services; the first one, which the others need, last."""
        running = list(self._running.values())
        await asyncio.gather(*(child.stop(GRACE) for child in running[1:]))
        await asyncio.gather(*(child.stop(GRACE) for child in running[:1]))

    async def start(self, name: str, *arguments: str) -> None:
        """Start a service."""
        child = await self._start(name, arguments, {})
        self._running[name] = child
        self._ends[name] = asyncio.create_task(child.wait(), name=f"wait for {name}")

    async def line(self, name: str, text: str) -> str:
        """Wait for a line of a service that has a text, and return it.

        Raises:
            ServiceEndedError: a service has ended.
        """
        while True:
            self.check()
            for line in self._printed[name]:
                if text in line:
                    return line
            await asyncio.sleep(POLL)

    def check(self) -> None:
        """Raise ServiceEndedError if a service has ended."""
        for name, end in self._ends.items():
            if end.done():
                raise ServiceEndedError(
                    f"{name} has ended with exit code {end.result()}: see {self._log(name)}"
                )

    async def run(self, name: str, *arguments: str, **environment: str) -> Ended:
        """Run a command to its end, whatever its exit code."""
        self._printed[name].clear()
        child = await self._start(name, arguments, environment)
        try:
            code = await child.wait()
        finally:
            await child.stop(GRACE)
        return Ended(code, self._printed[name])

    async def succeed(self, name: str, *arguments: str) -> Ended:
        """Run a command that must succeed.

        Raises:
            CommandFailedError: it did not.
        """
        ended = await self.run(name, *arguments)
        if ended.code:
            raise CommandFailedError(f"joblog {' '.join(arguments)} failed: see {self._log(name)}")
        return ended

    async def _start(
        self, name: str, arguments: tuple[str, ...], environment: dict[str, str]
    ) -> Child:
        self._log(name).touch()
        spec = ChildSpec(name, (JOBLOG, *arguments), self.environment | environment)
        return await Child.start(spec, self._take)

    def _take(self, name: str, line: str) -> None:
        self._printed[name].append(line)
        with self._log(name).open("a", encoding="utf-8") as log:
            log.write(line + "\n")

    def _log(self, name: str) -> Path:
        return self._logs / f"{name}.log"
