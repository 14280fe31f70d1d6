"""Runs a set of processes until it is told to stop."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from types import TracebackType
from typing import Self

from aiohttp import ClientSession

from joblog.supervisor.child import Child, ChildSpec, Output
from joblog.supervisor.liveness import is_alive
from joblog.supervisor.timing import Patience, Pauses, Timing

logger = logging.getLogger(__name__)


class Supervisor:
    """Starts processes, and each again when it exits or no longer answers. Use it as a context manager.

    Leaving it asks all of them to end and waits, for `Timing.grace` seconds at most.

    Args:
        specs: what to run.
        output: takes what they print.
        timing: how patient it is.
        on_restart: told the name of a process that is started again.

    Attributes:
        restarts: how often each process was started again since it had ended by itself, by name.
        pids: process ids of those that run now, by name.
    """

    def __init__(
        self,
        specs: Sequence[ChildSpec],
        output: Output,
        timing: Timing | None = None,
        on_restart: Callable[[str], None] | None = None,
    ) -> None:
        self._specs = specs
        self._output = output
        self._timing = timing or Timing()
        self._on_restart = on_restart
        self._stopping = asyncio.Event()
        self._renewals = {spec.name: asyncio.Event() for spec in specs}
        self._tasks: list[asyncio.Task[None]] = []
        self._session: ClientSession | None = None
        self.restarts: Counter[str] = Counter()
        self.pids: dict[str, int] = {}

    async def __aenter__(self) -> Self:
        """Start all processes."""
        self._session = ClientSession()
        self._tasks = [
            asyncio.create_task(self._keep_running(spec, self._session), name=f"keep {spec.name}")
            for spec in self._specs
        ]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End all processes."""
        self._stopping.set()
        try:
            await asyncio.gather(*self._tasks)
        finally:
            if self._session is not None:
                await self._session.close()

    @property
    def names(self) -> list[str]:
        """The names of all processes."""
        return [spec.name for spec in self._specs]

    def renew(self, names: Iterable[str]) -> None:
        """Have processes end in good order, within `Timing.grace`, and start again at once."""
        for name in names:
            self._renewals[name].set()

    async def _keep_running(self, spec: ChildSpec, session: ClientSession) -> None:
        pauses = Pauses(self._timing)
        clock = asyncio.get_running_loop().time
        renewal = self._renewals[spec.name]
        while not self._stopping.is_set():
            renewal.clear()
            started_at, code = clock(), None
            try:
                code = await self._run(spec, session)
                outcome = f"ended with exit code {code}"
            except OSError as error:  # the machine is out of memory, processes or files for now
                outcome = f"cannot be started ({error})"
            if self._stopping.is_set():
                return
            if not renewal.is_set():
                pause = pauses.after(clock() - started_at)
                if code in spec.hopeless_codes:
                    pause = self._timing.longest_pause
                    outcome += ", and waits for its code to change"
                await self._wait(spec.name, outcome, pause)
            if renewal.is_set():
                pauses = Pauses(self._timing)
            elif not self._stopping.is_set():
                self._count(spec.name)

    async def _wait(self, name: str, outcome: str, pause: float) -> None:
        """Wait until a process is to be started again: for a pause, or until it is renewed."""
        logger.warning("%s %s; it starts again in %g s", name, outcome, pause)
        await self._told(self._renewals[name], pause)

    async def _told(self, renewal: asyncio.Event, seconds: float | None = None) -> None:
        """Wait until a process is to be renewed or all are to end, for so many seconds at most."""
        waiting = [asyncio.create_task(event.wait()) for event in (renewal, self._stopping)]
        try:
            await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waiting:
                task.cancel()

    def _count(self, name: str) -> None:
        self.restarts[name] += 1
        if self._on_restart is not None:
            self._on_restart(name)

    async def _run(self, spec: ChildSpec, session: ClientSession) -> int:
        """Run a process once, and return its exit code."""
        child = await Child.start(spec, self._output)
        self.pids[spec.name] = child.pid
        ended = asyncio.create_task(child.wait(), name=f"wait for {spec.name}")
        told = asyncio.create_task(self._told(self._renewals[spec.name]))
        watching = asyncio.create_task(self._watch(spec, child, session))
        try:
            await asyncio.wait((ended, told), return_when=asyncio.FIRST_COMPLETED)
            if not ended.done():
                await child.stop(self._timing.grace)
            return await ended
        finally:
            del self.pids[spec.name]
            child.kill()
            told.cancel()
            watching.cancel()

    async def _watch(self, spec: ChildSpec, child: Child, session: ClientSession) -> None:
        """Kill a process that does not answer for too long."""
        if spec.live_url is None:
            return
        clock = asyncio.get_running_loop().time
        patience = Patience(self._timing, clock())
        while not patience.is_over(clock()):
            await asyncio.sleep(self._timing.poll)
            if await is_alive(session, spec.live_url, self._timing.answer):
                patience.answered(clock())
        logger.error("%s does not answer at %s; it is killed", spec.name, spec.live_url)
        child.kill()
