"""The row of a job: what is fixed when a generation opens, and what its events change.

A row is written several times in a job's life, so the fixed part is encoded once: an Avro record is the
concatenation of its fields (Avro specification, "Records"), and the fixed fields stand first.
"""

from typing import Any, Final, NamedTuple, Self

from joblog.schemas.framing import frame
from joblog.schemas.models import Failure, Header
from joblog.schemas.state import tables
from joblog.schemas.state.ordering import ordering_key_of

_ROW: Final = tables.LATEST["JobRow"]


class Opening(NamedTuple):
    """What is fixed when a generation of a job opens; fields as in `JobRow.avsc`. Times are ms of log time.

    `ordering_key` stands in the submission only, and `encoded` are the other fields in Avro; make an opening
    with `of`, which sees to both.
    """

    job_id: str
    generation: int
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
    deadline: int | None
    correlation_id: str | None
    max_attempts: int | None
    timeout_ms: int | None
    ordering_key: str | None
    encoded: bytes

    @classmethod
    def of(cls, **fields: Any) -> Self:  # noqa: ANN401  # each field has the type given above
        """Return the opening with these fields; all but `ordering_key` and `encoded`."""
        key = ordering_key_of(fields["submission"])
        opening = cls(**fields, ordering_key=key, encoded=b"")
        encoded = FIXED.write_object(opening, opening._datum)
        return tuple.__new__(cls, (*opening[:-1], encoded))

    @classmethod
    def read(cls, body: bytes) -> "tuple[Self, bytes]":
        """Return the opening that a row's body begins with, and what follows."""
        fields, rest = FIXED.read_first(body)
        fields["headers"] = tuple(Header(**header) for header in fields["headers"])
        key, encoded = ordering_key_of(fields["submission"]), body[: len(body) - len(rest)]
        return cls(**fields, ordering_key=key, encoded=encoded), rest

    def _datum(self) -> dict[str, Any]:
        return self._asdict() | {"headers": [header.model_dump() for header in self.headers]}

    def reopened(self, **fields: Any) -> Self:  # noqa: ANN401  # as above
        """Return the opening of another generation, of which some fields differ."""
        known = self._asdict()
        del known["ordering_key"], known["encoded"]
        return self.of(**(known | fields))


class JobRow(NamedTuple):
    """State of a job, folded from its events; fields as in `JobRow.avsc`. Times are ms of log time."""

    opening: Opening
    status: str
    updated_at: int
    attempt: int = 0
    failures: int = 0
    losses: int = 0
    lane: str | None = None
    due: int | None = None
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

    @property
    def job_id(self) -> str:
        """The job."""
        return self.opening.job_id

    @property
    def generation(self) -> int:
        """Its present generation."""
        return self.opening.generation

    @property
    def type(self) -> str:
        """Its type."""
        return self.opening.type

    @property
    def deadline(self) -> int | None:
        """No attempt starts later."""
        return self.opening.deadline

    def encode(self) -> bytes:
        """Return the framed row."""
        changing = CHANGING.write_object(self, self._datum)
        return frame(_ROW.fingerprint, self.opening.encoded + changing)

    @classmethod
    def decode(cls, value: bytes) -> Self:
        """Return the row in a framed value.

        Raises:
            UnknownSchemaError: a newer version of joblog wrote it.
            UndecodableError: it is no row.
        """
        opening, rest = Opening.read(tables.body("JobRow", value))
        changing = CHANGING.read(rest)
        if changing["failure"] is not None:
            changing["failure"] = Failure(**changing["failure"])
        return cls(opening, **changing)

    def changed(self, **fields: Any) -> "JobRow":  # noqa: ANN401  # each field has the type given above
        """Return the row with some fields changed; as `_replace`, in half the time."""
        values: list[Any] = list(self)
        for name, value in fields.items():
            values[_PLACES[name]] = value
        return tuple.__new__(JobRow, values)

    def _datum(self) -> dict[str, Any]:
        failure = self.failure and self.failure.model_dump()
        return self._asdict() | {"failure": failure}

    def fields(self) -> dict[str, Any]:
        """Return all fields by name, in the order of the schema."""
        known = self.opening._asdict() | self._asdict()
        del known["ordering_key"], known["encoded"], known["opening"]
        return known


FIXED: Final = _ROW.part(slice(0, len(Opening._fields) - 2))
"""The part of the schema that is an opening's."""

CHANGING: Final = _ROW.part(slice(len(Opening._fields) - 2, None))
"""The rest of it."""

_PLACES: Final = {name: place for place, name in enumerate(JobRow._fields)}
