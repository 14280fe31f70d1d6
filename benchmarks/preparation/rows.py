"""Rows of jobs in several states, as a scheduler would have written them."""

from collections.abc import Callable
from typing import Final

from benchmarks.handlers.noop import Nothing
from joblog.lifecycle.states import Status
from joblog.schemas.codec import Codec
from joblog.schemas.models import JobSubmitted
from joblog.schemas.payloads import payload_codec, return_value
from joblog.schemas.state import JobRow, Opening

ANY_ID: Final = "00000000-0000-7000-8000-000000000000"
"""Stands where a job's own id is put: all have its length."""

WORKER: Final = "worker-00000000-0000-7000-8000-000000000000"
MOST_DISPATCHED: Final = 500
"""Attempts in flight of a partition: its window of 1,000 has room for the jobs that are measured."""

DEADLINE_MS: Final = 86_400_000
ABSENT: Final = "absent"
"""The type of pending jobs: no worker has it, so that they stay."""


class Rows:
    """Makes rows of one partition: 90 % succeeded, the others scheduled, pending or dispatched.

    Args:
        now: their times, ms since the Unix epoch.

    Attributes:
        in_flight: dispatched jobs so far.
    """

    def __init__(self, now: int) -> None:
        self._now = now
        self._made = 0
        self._submissions = {type_: _submission(type_, now) for type_ in ("noop", ABSENT)}
        self._alike = {
            status: self._row(status, 1).encode()
            for status in (Status.SUCCEEDED, Status.SCHEDULED, Status.DISPATCHED)
        }
        self.in_flight = 0

    def next(self, job_id: str) -> bytes:
        """Return the next row, encoded; only a pending job's needs its position, for its place in line."""
        self._made += 1
        status = self._status(self._made % 100)
        value = self._alike.get(status) or self._row(status, self._made).encode()
        return value.replace(ANY_ID.encode(), job_id.encode())

    def _status(self, share: int) -> Status:
        if share < 90:  # noqa: PLR2004 - percent
            return Status.SUCCEEDED
        if share < 97:  # noqa: PLR2004
            return Status.SCHEDULED
        if share < 99 or self.in_flight >= MOST_DISPATCHED:  # noqa: PLR2004
            return Status.PENDING
        self.in_flight += 1
        return Status.DISPATCHED

    def _row(self, status: Status, position: int) -> JobRow:
        make: Callable[[int], JobRow] = {
            Status.SUCCEEDED: self._succeeded,
            Status.SCHEDULED: self._scheduled,
            Status.PENDING: self._pending,
            Status.DISPATCHED: self._dispatched,
        }[status]
        return make(position)

    def _succeeded(self, position: int) -> JobRow:
        now, model = self._now, return_value(int)
        codec = payload_codec(model)
        result = codec.encode(model.model_validate({"value": position}))
        return self._dispatched(position)._replace(
            status=Status.SUCCEEDED,
            lane=None,
            worker=WORKER,
            started_at=now,
            finished_at=now,
            result=result,
            result_schema=codec.schema.fingerprint,
        )

    def _scheduled(self, position: int) -> JobRow:
        deadline = self._now + DEADLINE_MS
        opening = self._opening("noop", position, deadline)
        return JobRow(opening, Status.SCHEDULED, self._now, due=deadline - 1, wake_at=deadline)

    def _pending(self, position: int) -> JobRow:
        wake_at = self._now + DEADLINE_MS
        return JobRow(self._opening(ABSENT, position), Status.PENDING, self._now, wake_at=wake_at)

    def _dispatched(self, position: int) -> JobRow:
        row = JobRow(self._opening("noop", position), Status.DISPATCHED, self._now)
        return row._replace(attempt=1, lane="default", dispatched_at=self._now)

    def _opening(self, type_: str, position: int, deadline: int | None = None) -> Opening:
        return Opening.of(
            job_id=ANY_ID,
            generation=1,
            type=type_,
            queue="default",
            priority=4,
            tenant="default",
            submission=self._submissions[type_],
            traceparent=None,
            headers=(),
            submitted_at=self._now,
            opened_at=self._now,
            submission_offset=position,
            position=position,
            deadline=deadline,
            correlation_id=None,
            max_attempts=None,
            timeout_ms=None,
        )


def _submission(type_: str, now: int) -> bytes:
    payload = payload_codec(Nothing)
    event = JobSubmitted(
        event_id=ANY_ID,
        job_id=ANY_ID,
        time=now,
        type=type_,
        payload=payload.encode(Nothing(number=1)),
        payload_schema=payload.schema.fingerprint,
        submitter="benchmarks",
    )
    return Codec().encode(event)
