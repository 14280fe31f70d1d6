"""A partition of joblog.events in memory, with a clock that tests turn."""

from bisect import bisect_left
from collections.abc import Mapping
from itertools import count

from joblog.lifecycle.decisions import Rules
from joblog.lifecycle.partition.emissions import Emission
from joblog.lifecycle.partition.fold import Folded, PartitionFold
from joblog.lifecycle.records import Inbound
from joblog.lifecycle.rules import VERSIONS
from joblog.schemas.codec import Codec
from joblog.schemas.models import (
    Event,
    JobDispatched,
    JobEvent,
    JobSubmitted,
    LogOpened,
    TypeAnnounced,
)

TOPIC = "joblog.events"
START = 1_700_000_000_000
CODEC = Codec()


class DictView:
    """A committed state in a dict."""

    def __init__(self) -> None:
        self.entries: dict[bytes, bytes] = {}

    def get(self, key: bytes) -> bytes | None:
        return self.entries.get(key)

    def scan(self, start: bytes, stop: bytes, limit: int) -> list[tuple[bytes, bytes]]:
        keys = sorted(self.entries)
        inside = keys[bisect_left(keys, start) : bisect_left(keys, stop)]
        return [(key, self.entries[key]) for key in inside[:limit]]

    def write(self, changes: list[tuple[bytes, bytes | None]]) -> None:
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

    def head(self) -> dict[str, object]:
        return {"event_id": f"e{next(self._ids)}", "time": self.now}

    def append(self, event: Event) -> Folded:
        key = event.key if isinstance(event, JobEvent) else None
        return self.append_raw(key, CODEC.encode(event))

    def append_raw(
        self, key: bytes | None, value: bytes | None, headers: tuple[tuple[str, bytes], ...] = ()
    ) -> Folded:
        record = Inbound(TOPIC, 0, len(self.records), self.now, key, value, headers)
        self.records.append(record)
        folded = self.fold.apply(record)
        self.emissions += folded.emissions
        return folded

    def announce(self, type_: str = "mail", **fields: object) -> Folded:
        fields.setdefault("version", 1)
        return self.append(TypeAnnounced(**self.head(), type=type_, **fields))

    def submit(self, job_id: str = "job", type_: str = "mail", **fields: object) -> Folded:
        return self.append(submission(self.head(), job_id, type_, **fields))

    def report(self, kind: type[JobEvent], job_id: str = "job", **fields: object) -> Folded:
        """Append a worker's report about the current attempt."""
        row = self.row(job_id)
        fields = {"generation": row.generation, "attempt": row.attempt, "worker": "w1"} | fields
        return self.append(kind(**self.head(), job_id=job_id, **fields))

    def row(self, job_id: str = "job"):
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

    def emitted(self, kind: type[Event]) -> list[Event]:
        events = [CODEC.decode(e.value) for e in self.emissions if e.value is not None]
        return [event for event in events if isinstance(event, kind)]

    def dispatched(self) -> list[str]:
        return [event.job_id for event in self.emitted(JobDispatched)]


def submission(head: dict[str, object], job_id: str, type_: str, **fields: object) -> JobSubmitted:
    fields = {"payload": b"payload", "payload_schema": b"12345678"} | fields
    return JobSubmitted(**head, job_id=job_id, type=type_, **fields)
