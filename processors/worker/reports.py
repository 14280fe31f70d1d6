"""What a worker reports about attempts, as records of the events topic."""

from collections.abc import Callable
from typing import Any, Final

from joblog.processors.worker.attempt import Attempt
from joblog.processors.worker.failures import clipped
from joblog.processors.worker.leases import Sign
from joblog.processors.worker.outcomes import Cancelled, Failed, Outcome, Released, Succeeded
from joblog.schemas.building import built
from joblog.schemas.codec import Codec
from joblog.schemas.models import (
    AttemptCancelled,
    AttemptFailed,
    AttemptHeartbeat,
    AttemptLost,
    AttemptReleased,
    AttemptStarted,
    AttemptSucceeded,
    Cause,
    JobDispatched,
)
from joblog.schemas.models.envelope import AttemptEvent
from joblog.streams.cloudevents import headers_for
from joblog.streams.records import Outbound

SOURCE: Final = "/joblog/worker"

WRITTEN: Final = (
    AttemptCancelled,
    AttemptFailed,
    AttemptHeartbeat,
    AttemptLost,
    AttemptReleased,
    AttemptStarted,
    AttemptSucceeded,
)
"""The events that a worker writes about attempts."""


class Reports:
    """Makes the records; each goes to the partition number of its dispatch.

    Event ids follow from the dispatch's, which is unique in the log: an attempt runs at most once, so it
    has one outcome, and a loss that two workers report one after the other is the same event.

    Args:
        topic: name of the events topic.
        worker: who reports.
        lease_ms: lease of a started attempt.
        clock: ms since the Unix epoch.
    """

    def __init__(self, topic: str, worker: str, lease_ms: int, clock: Callable[[], int]) -> None:
        self._topic = topic
        self._worker = worker
        self._lease_ms = lease_ms
        self._clock = clock
        self._codec = Codec()

    def outcome(self, attempt: Attempt, outcome: Outcome) -> Outbound:
        """Return the record that says how an attempt ended."""
        match outcome:
            case Succeeded(result=result, schema=schema):
                return self._record(
                    attempt,
                    AttemptSucceeded,
                    "succeeded",
                    started_at=attempt.started_at,
                    result=result,
                    result_schema=schema,
                )
            case Failed(failure=failure, retry_after_ms=retry_after_ms):
                return self._record(
                    attempt,
                    AttemptFailed,
                    "failed",
                    started_at=attempt.started_at or self._clock(),
                    failure=failure,
                    retry_after_ms=retry_after_ms,
                )
            case Cancelled():
                return self._record(attempt, AttemptCancelled, "cancelled")
            case Released(reason=reason):
                return self._record(attempt, AttemptReleased, "released", reason=reason)

    def sign(self, sign: Sign[Attempt]) -> Outbound:
        """Return the record that says that an attempt still runs."""
        attempt = sign.attempt
        if sign.started:
            return self._record(
                attempt,
                AttemptStarted,
                "started",
                started_at=attempt.started_at,
                lease_ms=self._lease_ms,
            )
        return self._record(
            attempt,
            AttemptHeartbeat,
            f"heartbeat-{attempt.reports}",
            lease_ms=self._lease_ms,
            progress=sign.progress,
            message=None if sign.message is None else clipped(sign.message),
        )

    def lost(self, attempt: Attempt, former: str) -> Outbound:
        """Return the record that says that an attempt was claimed by a worker that is gone."""
        reason = f"worker {former} claimed the attempt, and its successor found no report of it"
        return self._record(attempt, AttemptLost, "lost", lost_worker=former, reason=reason)

    def _record(
        self,
        attempt: Attempt,
        event: type[AttemptEvent],
        word: str,
        **fields: Any,  # noqa: ANN401 - each event has its own
    ) -> Outbound:
        dispatch, origin, now = attempt.dispatch, attempt.origin, self._clock()
        made = built(
            event,
            event_id=_event_id(dispatch, word),
            time=now,
            job_id=dispatch.job_id,
            generation=dispatch.generation,
            cause=built(
                Cause,
                topic=origin.topic,
                partition=origin.partition,
                offset=origin.offset,
                index=attempt.reports,
            ),
            correlation_id=dispatch.correlation_id,
            attempt=dispatch.attempt,
            worker=self._worker,
            **fields,
        )
        attempt.reports += 1
        headers = headers_for(
            event.__name__, made.event_id, now, SOURCE, attempt.origin.traceparent
        )
        value = self._codec.encode(made)
        return Outbound(self._topic, origin.partition, dispatch.key, value, headers)


def _event_id(dispatch: JobDispatched, word: str) -> str:
    return f"{dispatch.event_id}-{word}"
