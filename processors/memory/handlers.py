"""Workers in memory that call handlers, one after the other."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from typing import Final

from aiokafka import TopicPartition

from joblog.processors.worker import failures
from joblog.processors.worker.attempt import Attempt, Origin
from joblog.processors.worker.call import Call
from joblog.processors.worker.claims import ClaimLedger
from joblog.processors.worker.failure_log import log_failure
from joblog.processors.worker.handlers import Handler
from joblog.processors.worker.invocation import invoke, invoke_coroutine
from joblog.processors.worker.leases import Sign
from joblog.processors.worker.outcomes import Outcome
from joblog.processors.worker.registry import Registry
from joblog.processors.worker.reports import Reports
from joblog.processors.worker.scope import Scope
from joblog.processors.worker.submission import (
    SubmissionRejectedError,
    foreign_schema,
    submission_of,
)
from joblog.processors.worker.tenure import Tenure
from joblog.processors.worker.writer_schemas import WriterSchemas
from joblog.schemas.codec import Codec
from joblog.schemas.models import JobDispatched
from joblog.streams.records import Inbound, Outbound
from joblog.streams.settings import Settings
from joblog.streams.topics import TopicMap

WORKER: Final = "memory"
MS: Final = 1_000
DEPTH: Final = 64
"""Plain functions that may wait for each other's jobs at once."""


class HandlerWorkers:
    """Workers that call handlers: coroutine functions in this event loop, all others in a thread.

    Args:
        settings: topics and leases.
        registry: the handlers.
        scope: what they run within; its resources are open.
        clock: gives ms since the Unix epoch.
    """

    def __init__(
        self, settings: Settings, registry: Registry, scope: Scope, clock: Callable[[], int]
    ) -> None:
        self._registry = registry
        self._scope = scope
        self._clock = clock
        self._codec = Codec()
        self._schemas = WriterSchemas(self._codec)
        topic = TopicMap.of(settings).events.name
        self._threads = ThreadPoolExecutor(DEPTH, "joblog handlers")
        self._running = 0
        self._reports = Reports(topic, WORKER, settings.worker.lease_ms, clock)

    def close(self) -> None:
        """End the threads; none runs a handler."""
        self._threads.shutdown()

    def learn(self, record: Inbound) -> None:
        """See `Workers`."""
        self._schemas.learn(record)

    async def run(self, record: Inbound, dispatch: JobDispatched) -> Sequence[Outbound]:
        """See `Workers`. What a handler told while it ran is reported once it has ended."""
        at = TopicPartition(record.topic, record.partition)
        tenure = Tenure(at, ClaimLedger("", WORKER, record.offset), former="", topic_id="")
        handler = self._registry.get(dispatch.type)
        attempt = Attempt(dispatch, Origin.of(record), tenure, handler)
        attempt.started_at = self._clock()
        line = _Line()
        outcome = await self._outcome(attempt, line)
        log_failure(attempt, outcome)
        signs = [
            Sign(attempt, started=False, progress=one, message=text) for one, text in line.told
        ]
        if signs:
            signs.insert(0, Sign(attempt, started=True))
        return [*map(self._reports.sign, signs), self._reports.outcome(attempt, outcome)]

    async def _outcome(self, attempt: Attempt, line: "_Line") -> Outcome:
        handler = attempt.handler
        if handler is None:
            return failures.unknown_type(attempt.dispatch.type)
        try:
            attempt.submission = submission_of(attempt.dispatch, self._codec)
        except SubmissionRejectedError as error:
            return failures.payload_rejected(str(error))
        writer = foreign_schema(attempt.submission, handler)
        if writer is not None:
            attempt.writer = self._schemas.get(writer)
            if attempt.writer is None:
                words = f"nobody announced its schema {writer.hex()}: announce it first"
                return failures.payload_rejected(words)
        return await self._run(handler, attempt, line)

    async def _run(self, handler: Handler, attempt: Attempt, line: "_Line") -> Outcome:
        timeout_ms = attempt.dispatch.timeout_ms
        try:
            async with asyncio.timeout(None if timeout_ms is None else timeout_ms / MS):
                if handler.is_coroutine:
                    return await invoke_coroutine(handler, attempt.call, line, self._scope)
                return await self._invoke(handler, attempt.call, line)
        except TimeoutError:
            return failures.timed_out(timeout_ms or 0)

    async def _invoke(self, handler: Handler, call: Call, line: "_Line") -> Outcome:
        if self._running == DEPTH:
            raise RuntimeError(
                f"{DEPTH} plain functions wait for each other's jobs: wait for fewer"
            )
        run = partial(copy_context().run, invoke, handler, call, line, self._scope)
        running = asyncio.get_running_loop().run_in_executor(self._threads, run)
        self._running += 1
        try:
            return await asyncio.shield(running)
        finally:
            await asyncio.wait({running})  # it cannot be stopped, and nothing is to run beside it
            self._running -= 1


class _Line:
    """What a handler tells; nobody cancels it, for nothing else happens while it runs."""

    cancelled = False

    def __init__(self) -> None:
        self.told: list[tuple[float | None, str | None]] = []

    def wait_cancelled(self, timeout: float | None) -> bool:
        if timeout is None:
            raise RuntimeError("nobody cancels a job in memory while it runs: give a timeout")
        return False

    def heartbeat(self, progress: float | None, message: str | None) -> None:
        self.told.append((progress, message))
