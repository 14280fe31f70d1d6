"""A partition of joblog.events in memory, with a clock that tests turn."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from itertools import count
from typing import Any, TypeVar

from joblog.lifecycle.decisions import Rules
from joblog.lifecycle.partition.emissions import Emission
from joblog.lifecycle.partition.fold import Folded, PartitionFold
from joblog.lifecycle.partition.knowledge import UNANNOUNCED
from joblog.lifecycle.partition.view import first_bytes
from joblog.lifecycle.records import Inbound
from joblog.lifecycle.rules import VERSIONS
from joblog.schemas.codec import Codec
from joblog.schemas.models import (
    AttemptFailed,
    AttemptSucceeded,
    DelayElapsed,
    Event,
    Failure,
    JobDispatched,
    JobEvent,
    JobSubmitted,
    LimitsAnnounced,
    LogOpened,
    Tick,
    TypeAnnounced,
)
from joblog.schemas.state import JobRow

TOPIC = "joblog.events"
START = 1_700_000_000_000
CODEC = Codec()

E = TypeVar("E", bound=Event)


class DictView:
    """A committed state in a dict."""

    def __init__(self) -> None:
        self.entries: dict[bytes, bytes] = {}

    def get(self, key: bytes) -> bytes | None:
        return self.entries.get(key)

    def scan(
        self, start: bytes, stop: bytes, limit: int, most_bytes: int | None = None
    ) -> list[tuple[bytes, bytes]]:
        keys = sorted(self.entries)
        inside = keys[bisect_left(keys, start) : bisect_left(keys, stop)]
        return first_bytes(((key, self.entries[key]) for key in inside[:limit]), most_bytes)

    def write(self, changes: Iterable[tuple[bytes, bytes | None]]) -> None:
        for key, value in changes:
            if value is None:
                self.entries.pop(key, None)
            else:
                self.entries[key] = value


class PartitionLog:
    """Appends events to partition 0 and folds them at once."""

    def __init__(self, versions: Mapping[int, Rules] = VERSIONS, partitions: int = 1) -> None:
        self.view = DictView()
        self.versions = versions
        self.fold = PartitionFold(TOPIC, 0, self.view, versions)
        self.now = START
        self.records: list[Inbound] = []
        self.emissions: list[Emission] = []
        self._ids = count(1)
        self.append(LogOpened(**self.head(), log_id="log", partition=0, partitions=partitions))

    def head(self) -> dict[str, Any]:
        return {"event_id": f"e{next(self._ids)}", "time": self.now}

    def append(self, event: Event) -> Folded:
        key = event.key if isinstance(event, JobEvent) else None
        return self.append_raw(key, CODEC.encode(event))

    def append_raw(
        self,
        key: bytes | None,
        value: bytes | None,
        headers: tuple[tuple[str, bytes | None], ...] = (),
    ) -> Folded:
        record = Inbound(TOPIC, 0, len(self.records), self.now, key, value, headers)
        self.records.append(record)
        folded = self.fold.apply(record)
        self.emissions += folded.emissions
        return folded

    def announce(self, type_: str = "mail", **fields: Any) -> Folded:  # noqa: ANN401 - the model checks them
        fields.setdefault("version", 1)
        return self.append(TypeAnnounced(**self.head(), type=type_, **fields))

    def submit(self, job_id: str = "job", type_: str = "mail", **fields: Any) -> Folded:  # noqa: ANN401 - the model checks them
        return self.append(submission(self.head(), job_id, type_, **fields))

    def report(self, kind: type[JobEvent], job_id: str = "job", **fields: Any) -> Folded:  # noqa: ANN401 - the model checks them
        """Append a worker's report about the current attempt."""
        row = self.row(job_id)
        about = {"generation": row.generation, "attempt": row.attempt, "worker": "w1"}
        return self.append(kind(**self.head(), job_id=job_id, **{**about, **fields}))

    def fail(self, job_id: str = "job", *, retryable: bool = True, **fields: Any) -> Folded:  # noqa: ANN401 - the model checks them
        """Append a worker's report that the current attempt has failed."""
        failure = Failure(kind="error", type="ValueError", message="broken", retryable=retryable)
        return self.report(
            AttemptFailed, job_id, **{"started_at": self.now, "failure": failure, **fields}
        )

    def succeed(self, job_id: str = "job", **fields: Any) -> Folded:  # noqa: ANN401 - the model checks them
        """Append a worker's report that the current attempt has succeeded."""
        return self.report(AttemptSucceeded, job_id, **{"started_at": self.now, **fields})

    def ask(self, kind: type[JobEvent], job_id: str = "job", **fields: Any) -> Folded:  # noqa: ANN401 - the model checks them
        """Append what somebody asks of the current generation."""
        about = {"generation": self.row(job_id).generation, "requested_by": "ops"}
        return self.append(kind(**self.head(), job_id=job_id, **{**about, **fields}))

    def wake(self, job_id: str = "job", **fields: Any) -> Folded:  # noqa: ANN401 - the model checks them
        """Append what the delay service says about a job that waits."""
        row = self.row(job_id)
        about = {"generation": row.generation, "attempt": row.attempt + 1, "due": row.due}
        return self.append(DelayElapsed(**self.head(), job_id=job_id, **{**about, **fields}))

    def tick(self, after_ms: int = 0) -> Folded:
        """Let time pass, and append a tick."""
        self.now += after_ms
        return self.append(Tick(**self.head()))

    def limit(self, version: int = 1, **changed: Any) -> Folded:  # noqa: ANN401 - the model checks them
        """Announce limits: the usual ones, but for what is changed."""
        usual = UNANNOUNCED.model_dump(exclude={"event_id", "time", "version"})
        usual |= {"lanes": ("default", "bulk")}
        return self.append(LimitsAnnounced(**self.head(), version=version, **{**usual, **changed}))

    def row(self, job_id: str = "job") -> JobRow:
        row = self.fold.row(job_id)
        assert row is not None
        return row

    def commit(self) -> None:
        self.view.write(self.fold.freeze())
        self.fold.thaw()

    def reopen(self) -> None:
        """Go on from the committed state, as another process would."""
        self.commit()
        self.fold = PartitionFold(TOPIC, 0, self.view, self.versions)

    def emitted(self, kind: type[E]) -> list[E]:
        events = [CODEC.decode(e.value) for e in self.emissions if e.value is not None]
        return [event for event in events if isinstance(event, kind)]

    def dispatched(self) -> list[str]:
        return [event.job_id for event in self.emitted(JobDispatched)]


def submission(head: dict[str, Any], job_id: str, type_: str, **fields: Any) -> JobSubmitted:  # noqa: ANN401 - the model checks them
    fields = {"payload": b"payload", "payload_schema": b"12345678"} | fields
    return JobSubmitted(**head, job_id=job_id, type=type_, **fields)
