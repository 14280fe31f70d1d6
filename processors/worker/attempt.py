"""An attempt on its way through a worker."""

import asyncio
from typing import NamedTuple

from joblog.processors.worker.call import Call
from joblog.processors.worker.handlers import ASYNC, PROCESS, Handler, RunIn
from joblog.processors.worker.outcomes import Cancelled, Released
from joblog.processors.worker.tenure import Tenure
from joblog.schemas.avro_schema import AvroSchema
from joblog.schemas.models import JobDispatched, JobSubmitted
from joblog.streams.records import Inbound


class Origin(NamedTuple):
    """Where the dispatch of an attempt stands.

    Attributes:
        topic: the work topic.
        partition: its partition, which is that of all reports too.
        offset: its offset.
        size: bytes of its value.
        traceparent: its W3C trace context.
    """

    topic: str
    partition: int
    offset: int
    size: int
    traceparent: str | None

    @classmethod
    def of(cls, record: Inbound) -> "Origin":
        """Return where a record stands."""
        size = len(record.value or b"")
        return cls(record.topic, record.partition, record.offset, size, record.traceparent)


class Attempt:
    """One attempt, from the moment its dispatch was read.

    Attributes:
        dispatch: the dispatch.
        submission: the submission that it carries; None until it is read, and where it cannot be.
        origin: where it stands.
        tenure: under which its partition was held when it was read.
        handler: what runs it; None where this worker has no handler of its type.
        writer: schema that wrote its payload; None where it is the handler's own.
        rejection: why its submission or payload cannot be read, if that is known before it begins.
        started_at: when it began, ms; 0 before.
        reports: how many reports were made of it.
        task: what runs it.
        begun: whether the task has begun to run.
        ending: how it ends when its task is cancelled; None where nobody means to.
    """

    __slots__ = (
        "begun",
        "dispatch",
        "ending",
        "handler",
        "origin",
        "rejection",
        "reports",
        "started_at",
        "submission",
        "task",
        "tenure",
        "writer",
    )

    def __init__(
        self, dispatch: JobDispatched, origin: Origin, tenure: Tenure, handler: Handler | None
    ) -> None:
        self.dispatch = dispatch
        self.submission: JobSubmitted | None = None
        self.origin = origin
        self.tenure = tenure
        self.handler = handler
        self.writer: AvroSchema | None = None
        self.rejection: str | None = None
        self.started_at = 0
        self.reports = 0
        self.task: asyncio.Task[None] | None = None
        self.begun = False
        self.ending: Cancelled | Released | None = None

    @property
    def run_in(self) -> RunIn:
        """Where it runs: an isolated one in a process, whatever its handler says."""
        if self.handler is None:
            return ASYNC
        return PROCESS if self.dispatch.isolated else self.handler.run_in

    @property
    def label(self) -> str:
        """Its type for metrics; one that this worker does not have may be any text."""
        return "unknown" if self.handler is None else self.dispatch.type

    @property
    def priority(self) -> int:
        """0 (last) to 9 (first); 0 where there is no submission to say it."""
        return 0 if self.submission is None else self.submission.priority

    @property
    def call(self) -> Call:
        """What its handler is called for."""
        if self.submission is None:
            raise RuntimeError(f"job {self.dispatch.job_id!r} was begun before it was read")
        return Call(self.dispatch, self.submission, self.writer, self.origin.traceparent)

    def settle(self) -> None:
        """Note in the ledger that it was reported."""
        self.tenure.ledger.settle(self.origin.offset)

    def end(self, ending: Cancelled | Released) -> None:
        """Stop it where it stands; what it was to be is kept if it is being stopped already."""
        self.ending = ending if self.ending is None else self.ending
        if self.task is not None and self.begun:  # a task that has not begun would just vanish
            self.task.cancel()
