"""What the state tables hold: the job's row, the position in the log, held records."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple, Self

from joblog.schemas.avro_schema import AvroSchema
from joblog.schemas.catalog import committed, latest
from joblog.schemas.errors import UnknownSchemaError
from joblog.schemas.framing import frame, unframe
from joblog.schemas.models import Failure, Header, OriginalRecord

_LATEST: Final = latest("state")
_WRITERS: Final = {found.schema.fingerprint: found.schema for found in committed("state")}


_NONE: Final[Mapping[str, int]] = MappingProxyType({})


class JobRow(NamedTuple):
    """State of a job, folded from its events; fields as in `JobRow.avsc`. Times are ms of log time."""

    job_id: str
    generation: int
    status: str
    type: str
    queue: str
    priority: int
    tenant: str
    submission: bytes
    traceparent: str | None
    headers: tuple[Header, ...]
    submitted_at: int
    opened_at: int
    submission_offset: int
    position: int
    updated_at: int
    attempt: int = 0
    failures: int = 0
    losses: int = 0
    lane: str | None = None
    due: int | None = None
    deadline: int | None = None
    lease_until: int | None = None
    worker: str | None = None
    cancel_requested: bool = False
    dispatched_at: int | None = None
    started_at: int | None = None
    finished_at: int | None = None
    failure: Failure | None = None
    result: bytes | None = None
    result_schema: bytes | None = None
    reason: str | None = None
    discarded: bool = False
    wake_at: int | None = None

    def encode(self) -> bytes:
        """Return the framed row."""
        datum = self._asdict()
        if self.headers:
            datum["headers"] = [header.model_dump() for header in self.headers]
        if self.failure is not None:
            datum["failure"] = self.failure.model_dump()
        return _write("JobRow", datum)

    @classmethod
    def decode(cls, value: bytes) -> Self:
        """Return the row in a framed value."""
        datum = _read("JobRow", value)
        datum["headers"] = tuple(Header(**header) for header in datum["headers"])
        if datum["failure"] is not None:
            datum["failure"] = Failure(**datum["failure"])
        return cls(**datum)


class LogPosition(NamedTuple):
    """How far a partition is folded, and what decisions carry from one record to the next.

    Attributes:
        offset: of the last record folded, -1 before the first.
        now: log time in ms, made monotone.
        log_id: from LogOpened, None before it.
        partitions: from LogOpened, 0 before it.
        rules: version of the rules in force.
        in_flight: dispatched and not yet started attempts, by lane.
        waiting: pending jobs, by line of the backlog.
    """

    offset: int = -1
    now: int = 0
    log_id: str | None = None
    partitions: int = 0
    rules: int = 1
    in_flight: Mapping[str, int] = _NONE
    waiting: Mapping[str, int] = _NONE

    def encode(self) -> bytes:
        """Return the framed position; equal positions give equal bytes."""
        datum = self._asdict()
        for name in ("in_flight", "waiting"):
            datum[name] = dict(sorted(datum[name].items()))
        return _write("LogPosition", datum)

    @classmethod
    def decode(cls, value: bytes) -> Self:
        """Return the position in a framed value."""
        return cls(**_read("LogPosition", value))


class HeldRecord(NamedTuple):
    """A record of unknown schema that waits, until `wake_at`, for its announcement."""

    original: OriginalRecord
    fingerprint: bytes
    wake_at: int

    def encode(self) -> bytes:
        """Return the framed record."""
        return _write("HeldRecord", {**self._asdict(), "original": self.original.model_dump()})

    @classmethod
    def decode(cls, value: bytes) -> Self:
        """Return the held record in a framed value."""
        datum = _read("HeldRecord", value)
        return cls(OriginalRecord(**datum["original"]), datum["fingerprint"], datum["wake_at"])


def _write(name: str, datum: dict[str, object]) -> bytes:
    schema = _LATEST[name]
    return frame(schema.fingerprint, schema.write(datum))


def _read(name: str, value: bytes) -> dict[str, Any]:
    fingerprint, body = unframe(value)
    writer: AvroSchema | None = _WRITERS.get(fingerprint)
    if writer is None:
        raise UnknownSchemaError(fingerprint)
    return _LATEST[name].read(body, writer)
