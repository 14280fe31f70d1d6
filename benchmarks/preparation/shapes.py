"""Events of one kind, written a million times: encoded from data, without a model for each."""

from dataclasses import dataclass
from typing import Any, Final, NamedTuple, Self

from benchmarks.handlers.noop import Nothing
from benchmarks.preparation.ids import job_id
from joblog.processors.scheduler.outbound import SOURCE as SCHEDULER
from joblog.processors.worker.reports import SOURCE as WORKER
from joblog.schemas.catalog import latest
from joblog.schemas.framing import frame
from joblog.schemas.models import (
    AttemptFailed,
    AttemptHeartbeat,
    AttemptStarted,
    AttemptSucceeded,
    Cause,
    DelayElapsed,
    Event,
    Failure,
    JobDispatched,
    JobSubmitted,
    RetryPolicy,
    RetryScheduled,
)
from joblog.schemas.payloads import payload_codec, return_value
from joblog.streams.cloudevents import headers_for

CLIENT: Final = "/joblog/client"
DELAYS: Final = "/joblog/delays"
RETRY_MS: Final = 1
"""Log time has passed it with the next batch."""

LEASE_MS: Final = 30_000


class Made(NamedTuple):
    """A record but for its key and place."""

    value: bytes
    headers: list[tuple[str, bytes | None]]


class Shape:
    """An event of which most fields are always the same.

    Args:
        event: the fields.
        source: who writes it.
    """

    def __init__(self, event: Event, source: str) -> None:
        self._name = type(event).__name__
        self._schema = latest("events")[self._name]
        self._fields = event.model_dump()
        self._source = source

    def made(self, event_id: str, time: int, **fields: Any) -> Made:  # noqa: ANN401 - of any event
        """Return the event with these fields instead."""
        datum = self._fields | fields
        datum["event_id"], datum["time"] = event_id, time
        value = frame(self._schema.fingerprint, self._schema.write(datum))
        return Made(value, headers_for(self._name, event_id, time, self._source))


@dataclass(frozen=True)
class Shapes:
    """All events of a job that fails once and is repeated."""

    submitted: Shape
    dispatched: Shape
    started: Shape
    failed: Shape
    retry: Shape
    elapsed: Shape
    heartbeat: Shape
    succeeded: Shape

    @classmethod
    def at(cls, now: int) -> Self:
        """Return the shapes; `now` in ms since the Unix epoch stands for the workers' clock."""
        payload, result = payload_codec(Nothing), payload_codec(return_value(int))
        head: dict[str, Any] = {"event_id": "any", "time": now, "job_id": job_id(0)}
        cause = Cause(topic="any", partition=0, offset=0)
        failure = Failure(kind="error", type="TimeoutError", message="no answer within 10 s")
        report = head | {"cause": cause, "attempt": 1, "worker": f"worker-{job_id(0)}"}
        run = report | {"started_at": now}
        return cls(
            submitted=Shape(
                JobSubmitted(
                    **head,
                    type="noop",
                    payload=payload.encode(Nothing(number=1)),
                    payload_schema=payload.schema.fingerprint,
                    submitter="benchmarks",
                ),
                CLIENT,
            ),
            dispatched=Shape(
                JobDispatched(
                    **head,
                    cause=cause,
                    attempt=1,
                    type="noop",
                    max_attempts=RetryPolicy().max_attempts,
                    submitted_at=now,
                    submission=b"",
                ),
                SCHEDULER,
            ),
            started=Shape(AttemptStarted(**run, lease_ms=LEASE_MS), WORKER),
            failed=Shape(AttemptFailed(**run, failure=failure, retry_after_ms=RETRY_MS), WORKER),
            retry=Shape(
                RetryScheduled(**head, cause=cause, attempt=2, due=now, failure=failure), SCHEDULER
            ),
            elapsed=Shape(DelayElapsed(**head, cause=cause, attempt=2, due=now), DELAYS),
            heartbeat=Shape(
                AttemptHeartbeat(**report, lease_ms=LEASE_MS, progress=0.5, message="half of it"),
                WORKER,
            ),
            succeeded=Shape(
                AttemptSucceeded(
                    **run,
                    result=result.encode(return_value(int).model_validate({"value": 1})),
                    result_schema=result.schema.fingerprint,
                ),
                WORKER,
            ),
        )
