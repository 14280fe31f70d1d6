"""A log written by hand onto real topics, so that any rule can be broken in it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from tests.history.case import Acknowledged
from tests.history.check import Violation, check
from tests.history.faults import Fault
from tests.history.history import History
from tests.history.ledger import Ledger, What, read_ledger
from tests.kafka.history.avro_writer import committed
from tests.kafka.history.log_writer import LogWriter, Written

FAILURE: Final[dict[str, Any]] = {
    "kind": "error",
    "type": "ValueError",
    "message": "no",
    "retryable": True,
}
FATAL: Final = FAILURE | {"retryable": False}


@dataclass(kw_only=True)
class PlantedLog(LogWriter):
    """A log with jobs, and what producers and handlers know of them.

    Attributes:
        ledger: the handlers' ledger.
        acknowledged: the acknowledged submissions.
        submissions: the first submission of each job.
    """

    ledger: Ledger
    acknowledged: list[Acknowledged] = field(default_factory=list)
    submissions: dict[str, Written] = field(default_factory=dict)

    async def submit(self, job: str, **fields: object) -> Written:
        usual: dict[str, Any] = {"type": "mail", "payload": b"{}", "payload_schema": bytes(8)}
        written = await self.append("JobSubmitted", job, **(usual | fields))
        self.submissions.setdefault(job, written)
        self.acknowledged.append(Acknowledged(job, written.partition, written.offset))
        return written

    async def dispatch(
        self,
        job: str,
        attempt: int,
        cause: Written,
        *,
        place: int = 0,
        suffix: str = "work.default",
        **fields: object,
    ) -> Written:
        usual: dict[str, Any] = {
            "attempt": attempt,
            "type": "mail",
            "submitted_at": self.submissions[job].timestamp,
            "submission": self.values[self.submissions[job]],
        }
        return await self.output(
            suffix, "JobDispatched", job, cause, place=place, **(usual | fields)
        )

    async def report(self, name: str, job: str, attempt: int, **fields: object) -> Written:
        """Append what a worker says about an attempt."""
        usual: dict[str, Any] = {"attempt": attempt, "worker": "w1"}
        if name in {"AttemptStarted", "AttemptSucceeded", "AttemptFailed"}:
            usual["started_at"] = 0
        if name == "AttemptFailed":
            usual["failure"] = FAILURE
        return await self.append(name, job, **(usual | fields))

    async def cancel(self, job: str) -> Written:
        """Append somebody's wish that a job does not run."""
        return await self.append("JobCancelRequested", job, requested_by="ops")

    async def dead_letter(
        self, job: str, cause: Written, reason: str, original: Mapping[str, object]
    ) -> Written:
        letter: dict[str, Any] = {"reason": reason, "original": original}
        letter["generation"] = 1 if job else 0
        return await self.output("dlq", "JobDeadLettered", job, cause, **letter)

    async def dead_letter_of_job(self, job: str, cause: Written, reason: str) -> Written:
        submission = self.submissions[job]
        original = self.original(submission, job.encode(), self.values[submission])
        return await self.dead_letter(job, cause, reason, original)

    def runs(
        self, job: str, attempt: int, what: What, at_ms: int | None = None, generation: int = 1
    ) -> None:
        """Append to the ledger what a handler would append, now or at any time."""
        ledger = self.ledger if at_ms is None else Ledger(self.ledger.path, lambda: at_ms)
        ledger.append(job, generation, attempt, what)

    async def succeeds_in(self, job: str, attempt: int, **row: object) -> Written:
        """Let a dispatched attempt run and succeed; return its success."""
        self.runs(job, attempt, "start")
        self.runs(job, attempt, "end")
        success = await self.report("AttemptSucceeded", job, attempt)
        usual: dict[str, Any] = {"status": "succeeded", "attempt": attempt}
        await self.row(job, **(usual | row))
        return success

    async def succeeds(self, job: str, **fields: object) -> Written:
        """Write the whole story of a job whose first attempt succeeds; return its success."""
        await self.dispatch(job, 1, await self.submit(job, **fields))
        return await self.succeeds_in(job, 1)

    async def row(self, job: str, into: int | None = None, **fields: object) -> Written:
        """Write a row of the table of jobs."""
        submission = self.submissions[job]
        times = ("submitted_at", "opened_at", "updated_at")
        usual: dict[str, object] = {
            "job_id": job,
            "generation": 1,
            "type": "mail",
            "queue": "default",
            "priority": 4,
            "tenant": "default",
            "submission": b"",
            "submission_offset": submission.offset,
            "position": submission.offset,
            **dict.fromkeys(times, submission.timestamp),
        }
        value = committed("JobRow", "state").encode(usual | fields)
        partition = submission.partition if into is None else into
        return await self.send("table.jobs", job.encode(), value, partition)

    async def settle(self, folded: int | None = None) -> None:
        """Write that the tables are folded up to an offset, by default to the end."""
        for partition, end in self.ends.items():
            position: dict[str, object] = {"offset": end if folded is None else folded, "now": 0}
            value = committed("LogPosition", "state").encode(position)
            await self.send("table.log", b"position", value, partition)

    async def violations(
        self, faults: Iterable[Fault] = (), folded: int | None = None
    ) -> list[Violation]:
        """Let the tables catch up, read everything, and judge it."""
        await self.settle(folded)
        history = await History.read(self.bootstrap, self.namespace)
        return check(history, self.acknowledged, read_ledger(self.ledger.path), faults)

    async def broken(self, faults: Iterable[Fault] = ()) -> set[str]:
        """Return the names of the rules that the history breaks so far."""
        return {violation.rule for violation in await self.violations(faults)}
