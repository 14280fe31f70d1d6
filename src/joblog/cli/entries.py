"""One event of a history, for people and for programs."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from joblog.cli.output import shortened, utc
from joblog.client.history import Entry
from joblog.schemas.models import (
    AttemptCancelled,
    AttemptFailed,
    AttemptHeartbeat,
    AttemptLost,
    AttemptReleased,
    AttemptStarted,
    AttemptSucceeded,
    DeadLetterDiscarded,
    DelayElapsed,
    Event,
    JobCancelled,
    JobCancelRequested,
    JobDeadLettered,
    JobDeferred,
    JobDispatched,
    JobExpired,
    JobRedriven,
    JobSubmitted,
    LeaseExpired,
    RetryScheduled,
)

LONGEST: Final = 90
"""Characters of a message in a table."""


def details_of(entry: Entry) -> str:
    """Return what is worth knowing about an event, in a few words."""
    describe = _DETAILS.get(type(entry.event)) if entry.event else None
    return "" if describe is None else shortened(describe(entry.event), LONGEST)


def entry_as_json(entry: Entry) -> dict[str, Any]:
    """Return an event with its place."""
    event = entry.event
    return {
        "topic": entry.topic,
        "partition": entry.partition,
        "offset": entry.offset,
        "log_time": utc(entry.timestamp),
        "event": None if event is None else type(event).__name__,
        "data": None if event is None else event.model_dump(mode="json"),
    }


def _dispatched(event: JobDispatched) -> str:
    return "alone in a process" if event.isolated else ""


def _submitted(event: JobSubmitted) -> str:
    order = "" if event.ordering_key is None else f", ordering key {event.ordering_key}"
    where = f"queue {event.queue}, priority {event.priority}"
    return f"{event.type}, {where}{order}, by {event.submitter}"


def _started(event: AttemptStarted) -> str:
    return f"{event.worker}, lease {event.lease_ms} ms"


def _alive(event: AttemptHeartbeat) -> str:
    share = "" if event.progress is None else f"{event.progress:.0%}"
    told = " ".join(filter(None, (share, event.message)))
    return f"{told or event.worker}, lease {event.lease_ms} ms"


def _given_back(event: AttemptLost | AttemptReleased) -> str:
    return f"{event.worker}: {event.reason}"


def _waiting(event: JobDeferred | RetryScheduled | DelayElapsed) -> str:
    return f"due {utc(event.due)}"


def _requested(event: JobCancelRequested | JobRedriven | DeadLetterDiscarded) -> str:
    return ": ".join(filter(None, (f"by {event.requested_by}", event.reason)))


_DETAILS: Final[Mapping[type[Event], Callable[[Any], str]]] = {
    JobSubmitted: _submitted,
    JobDispatched: _dispatched,
    AttemptStarted: _started,
    AttemptHeartbeat: _alive,
    AttemptSucceeded: lambda event: str(event.worker),
    AttemptCancelled: lambda event: str(event.worker),
    AttemptFailed: lambda event: f"{event.failure.type}: {event.failure.message}",
    AttemptLost: _given_back,
    AttemptReleased: _given_back,
    JobDeferred: _waiting,
    RetryScheduled: _waiting,
    DelayElapsed: _waiting,
    JobDeadLettered: lambda event: f"{event.reason}: {event.detail}",
    JobCancelRequested: _requested,
    JobRedriven: _requested,
    DeadLetterDiscarded: _requested,
    JobCancelled: lambda event: str(event.reason),
    JobExpired: lambda event: f"deadline {utc(event.deadline)}",
    LeaseExpired: lambda event: f"{event.worker}, lease until {utc(event.lease_until)}",
}
