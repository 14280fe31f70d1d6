"""The records by which a dead letter is dealt with."""

from collections.abc import Callable
from typing import Final, NamedTuple

from joblog.processors.dead_letters.letters import DeadLetter
from joblog.schemas.codec import Codec
from joblog.schemas.models import DeadLetterDiscarded, JobEvent, JobRedriven, OriginalRecord
from joblog.streams.cloudevents import headers_for
from joblog.streams.records import Outbound

SOURCE: Final = "/joblog/command"
REDRIVEN_FROM: Final = "joblog_redriven-from"
"""Header of a record that was redriven: `<partition>@<offset>` of its dead letter."""


class Request(NamedTuple):
    """Who deals with dead letters, and why."""

    requested_by: str
    reason: str = ""


class Remedies:
    """Makes the records.

    Args:
        events_topic: name of the events topic.
        new_id: makes event ids.
        clock: gives ms since the Unix epoch.
    """

    def __init__(
        self, events_topic: str, new_id: Callable[[], str], clock: Callable[[], int]
    ) -> None:
        self._events_topic = events_topic
        self._new_id = new_id
        self._clock = clock
        self._codec = Codec()

    def redrive_job(self, letter: DeadLetter, request: Request) -> Outbound:
        """Return what opens the next generation of a dead letter's job."""
        event = JobRedriven(
            event_id=self._new_id(),
            time=self._clock(),
            job_id=letter.event.job_id,
            generation=letter.event.generation + 1,
            requested_by=request.requested_by,
            reason=request.reason,
        )
        return self._outbound(letter, event)

    def discard_job(self, letter: DeadLetter, request: Request) -> Outbound:
        """Return what marks a job's dead letter as dealt with."""
        event = DeadLetterDiscarded(
            event_id=self._new_id(),
            time=self._clock(),
            job_id=letter.event.job_id,
            generation=letter.event.generation,
            requested_by=request.requested_by,
            reason=request.reason,
        )
        return self._outbound(letter, event)

    def redrive_record(self, letter: DeadLetter, original: OriginalRecord) -> Outbound:
        """Return the original record, byte for byte, with a header that says where it comes from.

        It goes to the topic and partition where it stood.

        Args:
            letter: the dead letter.
            original: its original, of which a dead letter leaves out what is too large.
        """
        headers = [
            (header.key, header.value) for header in original.headers if header.key != REDRIVEN_FROM
        ]
        headers.append((REDRIVEN_FROM, letter.reference.encode()))
        return Outbound(original.topic, original.partition, original.key, original.value, headers)

    def _outbound(self, letter: DeadLetter, event: JobEvent) -> Outbound:
        headers = headers_for(type(event).__name__, event.event_id, event.time, SOURCE)
        return Outbound(
            self._events_topic, letter.partition, event.key, self._codec.encode(event), headers
        )
