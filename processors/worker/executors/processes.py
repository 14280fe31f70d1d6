"""Runs handlers in child processes, one at a time in each: a crash costs only the attempt that caused it."""

import asyncio
import logging
import pickle
from contextlib import suppress
from typing import Final

from joblog.processors.worker import failures
from joblog.processors.worker.errors import ChildStartError
from joblog.processors.worker.executors.abc import Run
from joblog.processors.worker.executors.child import Child, ChildDied
from joblog.processors.worker.executors.template import END_SECONDS, Template, TemplateGone
from joblog.processors.worker.handlers import Handler
from joblog.processors.worker.outcomes import Outcome
from joblog.processors.worker.scope import Scope

STARTS: Final = 3
"""Processes that may end in a row before they begin with a run: one may be killed while it idles."""

START_SECONDS: Final = 60.0
"""How long a process may take to start: the first waits for the imports of the handlers' modules."""

logger = logging.getLogger(__name__)


class Processes:
    """An Executor over child processes that are started when needed and used again.

    Args:
        modules: what children import before they run anything.
        scope: what handlers run within.
        start_seconds: how long a process may take to start, with these imports. Defaults to 60.
    """

    def __init__(
        self, modules: list[str], scope: Scope, start_seconds: float = START_SECONDS
    ) -> None:
        self._modules = modules
        self._scope = scope
        self._start_seconds = start_seconds
        self._closed = False
        self._template: Template | None = None
        self._starting_template = asyncio.Lock()
        self._idle: list[Child] = []
        self._pickled: dict[str, bytes] = {}
        self._ending: set[asyncio.Task[None]] = set()
        self._keeping: set[asyncio.Task[None]] = set()

    async def run(self, run: Run) -> Outcome:
        """Run a handler in a process of its own; cancelling this kills the process.

        Raises:
            ChildStartError: processes end before they begin with it, time after time; or one does not
                start in time.
            ResourceFailedError: a process has not what its handlers share.
        """
        try:
            exit_code: int | None = None
            for _ in range(STARTS):
                try:
                    return await self._run_in(await self._child(), run)
                except ChildDied as death:
                    if death.begun:
                        return failures.process_died(death.exit_code)
                    exit_code = death.exit_code
            raise ChildStartError(STARTS, exit_code)
        finally:
            run.freed()

    async def prepare(self) -> None:
        """Import the handlers where children are forked from, so that the first run need not wait."""
        await self._living_template()

    async def close(self) -> None:
        """End all processes, within seconds; none is started any more.

        Those that run nothing may close what they have opened before.
        """
        self._closed = True
        idle, self._idle = self._idle, []
        await asyncio.gather(*(child.leave() for child in idle))
        await self._end_children()
        async with self._starting_template:
            template, self._template = self._template, None
        if template is not None:
            await template.stop()
        if self._keeping:  # they hear that the template is gone
            await asyncio.wait(self._keeping, timeout=END_SECONDS)
        await self._end_children()

    async def _run_in(self, child: Child, run: Run) -> Outcome:
        try:
            outcome = await child.run(self._pickle(run.handler), run)
        except ChildDied:
            raise
        except BaseException:
            self._spawn_end(child)
            raise
        self._idle.append(child)
        return outcome

    async def _child(self) -> Child:
        while self._idle:
            child = self._idle.pop()
            if child.alive:
                return child
            await child.end()
        starting = asyncio.create_task(self._start())
        try:
            return await asyncio.shield(starting)
        except asyncio.CancelledError:
            self._spawn_keep(starting)  # else nobody would ever end it
            raise

    async def _start(self) -> Child:
        for _ in range(STARTS):
            with suppress(TemplateGone):
                return await self._start_from(await self._living_template())
        raise ChildStartError(STARTS, None)

    async def _start_from(self, template: Template) -> Child:
        try:
            async with asyncio.timeout(self._start_seconds):
                return await Child.start(template, self._scope)
        except TimeoutError as error:
            logger.error(  # noqa: TRY400 - where it waited says nothing
                "no child process started within %g s, so what they are forked from is ended: "
                "see whether the import of %s waits for something, such as a lock of this worker",
                self._start_seconds,
                ", ".join(self._modules),
            )
            await self._discard(template)
            raise ChildStartError(1, None) from error

    async def _discard(self, template: Template) -> None:
        async with self._starting_template:
            if self._template is template:
                self._template = None
                await template.stop()

    async def _living_template(self) -> Template:
        async with self._starting_template:
            if self._closed:
                raise TemplateGone
            if self._template is not None and not self._template.alive:
                await self._template.stop()
                self._template = None
            if self._template is None:
                self._template = await Template.start(self._modules)
            return self._template

    def _pickle(self, handler: Handler) -> bytes:
        pickled = self._pickled.get(handler.type)
        if pickled is None:
            pickled = self._pickled[handler.type] = pickle.dumps(handler)
        return pickled

    def _spawn_end(self, child: Child) -> None:
        async def end() -> None:
            await child.end()

        _remember(asyncio.create_task(end(), name="end a child process"), self._ending)

    def _spawn_keep(self, starting: "asyncio.Task[Child]") -> None:
        async def keep() -> None:
            with suppress(ChildStartError):  # the next run finds out for itself
                self._idle.append(await starting)

        _remember(asyncio.create_task(keep(), name="keep a child process"), self._keeping)

    async def _end_children(self) -> None:
        idle, self._idle = self._idle, []
        for child in idle:
            self._spawn_end(child)
        while self._ending:
            await asyncio.wait(self._ending)


def _remember(task: "asyncio.Task[None]", tasks: "set[asyncio.Task[None]]") -> None:
    tasks.add(task)
    task.add_done_callback(tasks.discard)
