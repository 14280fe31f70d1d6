"""Jobs for a cluster under faults, and the judgement of what became of them."""

import asyncio
import json
import signal
from datetime import timedelta
from pathlib import Path
from typing import Any

from aiokafka import ConsumerRecord

from joblog.client import Client, Submission, Submitted
from joblog.lifecycle.states import TERMINAL
from joblog.schemas.codec import Codec
from joblog.schemas.models import AttemptFailed, DelayElapsed, Event
from joblog.schemas.state import JobRow
from joblog.streams.topics import Topic, TopicMap
from tests.cluster import Cluster
from tests.faults.deleting import deleted
from tests.faults.followed import Followed
from tests.faults.numbers import Number
from tests.history.case import Acknowledged
from tests.history.check import check
from tests.history.faults import Fault, FaultKind
from tests.history.history import History
from tests.history.ledger import read_ledger, wall_clock
from tests.history.report import as_text, violations_table

TYPES = ("long", *("quick", "flaky", "quick") * 7)
"""Few run long: each attempt that a killed worker had claimed is repeated alone."""


class Load:
    """Submits jobs to a cluster, notes the faults, and judges the history in the end."""

    def __init__(self, cluster: Cluster, ledger: Path) -> None:
        self._cluster = cluster
        self._ledger = ledger
        self._faults: list[Fault] = []
        topics = TopicMap.of(cluster.settings)
        self._log = Followed(cluster.settings, topics.events)
        self._table = Followed(cluster.settings, topics.table_jobs)
        self._codec = Codec()
        self._seen: list[Event] = []
        self._latest: dict[bytes, JobRow] = {}
        self._deleted: list[ConsumerRecord[Any, Any]] = []
        self.submitted: list[Submitted] = []

    def submit(
        self, jobs: int, types: tuple[str, ...] = TYPES, delay: timedelta = timedelta()
    ) -> None:
        """Submit jobs of the types in turn; all are acknowledged. None starts before the delay is over."""
        self.submitted += asyncio.run(self._submit(jobs, types, delay))

    def delete(self, topic: Topic, writers: tuple[str, ...]) -> int:
        """Delete a topic, after a look at its records, and return how many these were.

        Args:
            topic: a work or delay topic.
            writers: the processes that write to it; they stand still meanwhile.
        """
        for name in writers:
            self._cluster.signal(name, signal.SIGSTOP)
        records = asyncio.run(deleted(self._cluster.settings, topic))
        for name in writers:
            self._cluster.signal(name, signal.SIGCONT)
        self._deleted += records
        return len(records)

    def fault(self, kind: FaultKind, begin_ms: int | None = None) -> None:
        """Note a fault that ends now."""
        now = wall_clock()
        self._faults.append(Fault(kind, now if begin_ms is None else begin_ms, now))

    def finished(self) -> int:
        """Return how many of the submitted jobs are at their end, by the state table."""
        rows = self._rows()
        mine = {job.job_id for job in self.submitted}
        return sum(row.status in TERMINAL for row in rows if row.job_id in mine)

    def running(self) -> int:
        """Return how many attempts have begun and not ended, by the handlers' ledger."""
        if not self._ledger.exists():
            return 0
        open_ = {"start": 1, "end": -1}
        return sum(open_[effect.what] for effect in read_ledger(self._ledger))

    def begun(self, job_id: str) -> bool:
        """Return whether any attempt of a job has begun, by the handlers' ledger."""
        return any(effect.job_id == job_id for effect in read_ledger(self._ledger))

    def retrying(self) -> int:
        """Return how many attempts have failed whose jobs were not woken for the next one.

        Of either event there may be copies: a killed process does again what it had not committed.
        """
        events = self._events()
        failed = {
            (event.job_id, event.attempt + 1)
            for event in events
            if isinstance(event, AttemptFailed)
        }
        woken = {
            (event.job_id, event.attempt) for event in events if isinstance(event, DelayElapsed)
        }
        return len(failed - woken)

    def reported(self, *names: str) -> int:
        """Return how many events of these names stand in the log."""
        return sum(type(event).__name__ in names for event in self._events())

    def statuses(self) -> list[tuple[str, str]]:
        """Return type and state of each job, by the state table."""
        return [(row.type, str(row.status)) for row in self._rows()]

    def until_finished(self, timeout: float = 150) -> None:
        """Wait for the end of all jobs."""
        self._cluster.until(lambda: self.finished() == len(self.submitted), "all jobs end", timeout)

    def judge(self) -> History:
        """Make sure that the history is sound, and the live tables follow from the log."""
        settings = self._cluster.settings
        history = asyncio.run(
            History.read(settings.bootstrap_servers, settings.namespace, self._deleted)
        )
        acknowledged = [
            Acknowledged(job.job_id, job.partition, job.offset) for job in self.submitted
        ]
        violations = check(history, acknowledged, read_ledger(self._ledger), self._faults)
        assert not violations, as_text(violations_table(violations))
        proofs = [json.loads(line) for line in self._cluster.run("verify", "--json").splitlines()]
        assert all(proof["holds"] for proof in proofs)
        assert sum(proof["jobs"] for proof in proofs) == len(self.submitted)
        return history

    async def _submit(self, jobs: int, types: tuple[str, ...], delay: timedelta) -> list[Submitted]:
        async with Client(self._cluster.settings) as client:
            return await client.submit_many(
                Submission(types[number % len(types)], Number(number=number), delay=delay)
                for number in range(jobs)
            )

    def _events(self) -> list[Event]:
        self._seen += [self._codec.decode(record.value or b"") for record in self._log.new()]
        return self._seen

    def _rows(self) -> list[JobRow]:
        for record in self._table.new():
            if record.key is not None and record.value is not None:
                self._latest[record.key] = JobRow.decode(record.value)
        return list(self._latest.values())
