"""Runs a set of processes until it is told to stop."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Sequence
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
        restarts: how often each process was started again, by name.
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

    async def _keep_running(self, spec: ChildSpec, session: ClientSession) -> None:
        pauses = Pauses(self._timing)
        clock = asyncio.get_running_loop().time
        while not self._stopping.is_set():
            started_at = clock()
            try:
                outcome = f"ended with exit code {await self._run(spec, session)}"
            except OSError as error:  # the machine is out of memory, processes or files for now
                outcome = f"cannot be started ({error})"
            if self._stopping.is_set():
                return
            pause = pauses.after(clock() - started_at)
            logger.warning("%s %s; it starts again in %g s", spec.name, outcome, pause)
            await self._sleep(pause)
            self._count(spec.name)

    def _count(self, name: str) -> None:
        self.restarts[name] += 1
        if self._on_restart is not None:
            self._on_restart(name)

    async def _run(self, spec: ChildSpec, session: ClientSession) -> int:
        """Run a process once, and return its exit code."""
        child = await Child.start(spec, self._output)
        self.pids[spec.name] = child.pid
        ended = asyncio.create_task(child.wait(), name=f"wait for {spec.name}")
        stopping = asyncio.create_task(self._stopping.wait())
        watching = asyncio.create_task(self._watch(spec, child, session))
        try:
            await asyncio.wait((ended, stopping), return_when=asyncio.FIRST_COMPLETED)
            if not ended.done():
                await child.stop(self._timing.grace)
            return await ended
        finally:
            del self.pids[spec.name]
            child.kill()
            stopping.cancel()
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

    async def _sleep(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._stopping.wait(), seconds)
        except TimeoutError:
            return
