"""From the records of a work topic to attempts, repeats, losses and dead letters."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from joblog.lifecycle.reasons import Reason
from joblog.processors.worker.attempt import Attempt, Origin
from joblog.processors.worker.buffer import PriorityBuffer
from joblog.processors.worker.claims import Arrival, ClaimLedger, Place
from joblog.processors.worker.dead_letters import (
    EMPTY,
    Refusal,
    dead_letter,
    wrong_event,
)
from joblog.processors.worker.observer import WorkerObserver
from joblog.processors.worker.registry import Registry
from joblog.processors.worker.reporter import Reporter
from joblog.processors.worker.reports import Reports
from joblog.processors.worker.submission import (
    SubmissionRejectedError,
    foreign_schema,
    submission_of,
)
from joblog.processors.worker.tenure import Tenure
from joblog.processors.worker.waiting import Waiting
from joblog.processors.worker.writer_schemas import WriterSchemas
from joblog.schemas.codec import Codec
from joblog.schemas.errors import UndecodableError, UnknownSchemaError
from joblog.schemas.framing import unframe
from joblog.schemas.models import JobDispatched
from joblog.streams.records import Inbound
from joblog.streams.topics import TopicMap


@dataclass(frozen=True)
class Destinations:
    """What intake works with.

    Attributes:
        topics: the topics.
        codec: decodes dispatches.
        schemas: schemas of payloads.
        registry: the handlers.
        reports: makes records of reports.
        reporter: publishes them.
        observer: watches.
        elapsed_ms: ms since some moment, never set back.
    """

    topics: TopicMap
    codec: Codec
    schemas: WriterSchemas
    registry: Registry
    reports: Reports
    reporter: Reporter
    observer: WorkerObserver
    elapsed_ms: Callable[[], int]


@dataclass(frozen=True, eq=False)
class Unread:
    """A record whose schema is unknown so far.

    Attributes:
        tenure: under which it was read.
        record: the record.
        arrival: what is to be done with it.
        highest: highest place of all dispatches before it; None where that is not known.
        error: names the schema.
    """

    tenure: Tenure
    record: Inbound
    arrival: Arrival
    highest: Place | None
    error: UnknownSchemaError


class Intake:
    """Sorts what is read.

    Args:
        destinations: what it works with.
        buffer: takes attempts that can begin.
        schema_wait_ms: how long a record waits for a schema.
    """

    def __init__(
        self, destinations: Destinations, buffer: PriorityBuffer, schema_wait_ms: int
    ) -> None:
        self._to = destinations
        self._buffer = buffer
        self._waiting: Waiting[Unread | Attempt] = Waiting(schema_wait_ms)
        destinations.schemas.listen(self._learned)

    def take(self, tenure: Tenure, records: Iterable[Inbound]) -> None:
        """Sort records of a partition, in their order."""
        for record in records:
            self._take(tenure, record)
        self._buffer.held = len(self._waiting)

    def tend(self) -> None:
        """Decide about what has waited for its schema long enough."""
        for item in self._waiting.overdue(self._to.elapsed_ms()):
            if isinstance(item, Unread):
                self._give_up(item)
            else:
                self._reject(
                    item,
                    f"nobody announced its schema {_wanted(item).hex()} on "
                    f"{self._to.topics.schemas.name}: announce it, then redrive the job",
                )
        self._buffer.held = len(self._waiting)

    def drop(self, tenures: Collection[Tenure]) -> None:
        """Forget what was read under tenures and has not begun."""
        self._buffer.drop(lambda attempt: attempt.tenure in tenures)
        self._waiting.drop(lambda item: item.tenure in tenures)
        self._buffer.held = len(self._waiting)

    def _take(self, tenure: Tenure, record: Inbound) -> None:
        # What a former worker has read may stand before the highest that it read.
        highest = None if tenure.ledger.is_known(record.offset) else tenure.ledger.highest
        try:
            found = self._decode(record)
        except UnknownSchemaError as error:
            arrival = tenure.ledger.arrive(record.offset, None)
            if arrival is not Arrival.SETTLED:
                unread = Unread(tenure, record, arrival, highest, error)
                self._wait(unread, error.fingerprint)
            return
        arrival = tenure.ledger.arrive(record.offset, self._place_of(found, record.partition))
        if arrival is Arrival.REPEATED:
            self._to.observer.dispatch_repeated()
        elif arrival is not Arrival.SETTLED:
            self._sort(tenure, record, found, arrival)

    def _decode(self, record: Inbound) -> JobDispatched | Refusal:
        if record.value is None:
            return Refusal(Reason.POISON, EMPTY)
        try:
            event = self._to.codec.decode(record.value)
        except UndecodableError as error:
            return Refusal(Reason.POISON, str(error))
        return event if isinstance(event, JobDispatched) else wrong_event(event)

    def _place_of(self, dispatch: JobDispatched | Refusal, partition: int) -> Place | None:
        if isinstance(dispatch, Refusal):
            return None
        cause = dispatch.cause
        if (cause.topic, cause.partition) != (self._to.topics.events.name, partition):
            return None  # not of the one log whose offsets rise here
        return cause.offset, cause.index

    def _sort(
        self, tenure: Tenure, record: Inbound, found: JobDispatched | Refusal, arrival: Arrival
    ) -> None:
        if isinstance(found, Refusal):
            self._refuse(tenure, record, found)
            return
        attempt = Attempt(found, Origin.of(record), tenure, self._to.registry.get(found.type))
        if arrival is Arrival.LOST:
            self._to.observer.attempt_lost(attempt.label)
            self._to.reporter.add(self._to.reports.lost(attempt, tenure.former), attempt.settle)
        else:
            self._read(attempt)

    def _read(self, attempt: Attempt) -> None:
        """Read all that the attempt needs before it can begin; what is not known yet is waited for."""
        handler = attempt.handler
        try:
            attempt.submission = submission_of(attempt.dispatch, self._to.codec)
        except UnknownSchemaError as error:
            self._wait(attempt, error.fingerprint)
            return
        except SubmissionRejectedError as error:
            self._reject(attempt, str(error))
            return
        writer = None if handler is None else foreign_schema(attempt.submission, handler)
        if writer is not None:
            attempt.writer = self._to.schemas.get(writer)
            if attempt.writer is None:
                self._wait(attempt, writer)
                return
        self._buffer.push(attempt)

    def _wait(self, item: Unread | Attempt, fingerprint: bytes) -> None:
        self._waiting.add(item, fingerprint, self._to.elapsed_ms())

    def _reject(self, attempt: Attempt, why: str) -> None:
        attempt.rejection = why
        self._buffer.push(attempt)

    def _refuse(self, tenure: Tenure, record: Inbound, refusal: Refusal) -> None:
        letter = dead_letter(record, refusal, self._to.topics, self._to.codec)
        self._to.observer.dead_lettered(refusal.reason)
        self._to.reporter.add(letter, lambda: tenure.ledger.settle(record.offset))

    def _learned(self, fingerprint: bytes) -> None:
        for item in self._waiting.learned(fingerprint):
            if isinstance(item, Unread):
                self._read_late(item)
            else:
                self._read(item)
        self._buffer.held = len(self._waiting)

    def _read_late(self, unread: Unread) -> None:
        tenure, record = unread.tenure, unread.record
        try:
            found = self._decode(record)
        except UnknownSchemaError:  # its announcement could not be used
            self._give_up(unread)
            return
        place = self._place_of(found, record.partition)
        if unread.arrival is Arrival.TAKE and ClaimLedger.is_repeated(place, unread.highest):
            tenure.ledger.settle(record.offset)
            self._to.observer.dispatch_repeated()
            return
        tenure.ledger.read(place)
        self._sort(tenure, record, found, unread.arrival)

    def _give_up(self, unread: Unread) -> None:
        refusal = Refusal(Reason.UNKNOWN_SCHEMA, str(unread.error))
        self._refuse(unread.tenure, unread.record, refusal)


def _wanted(attempt: Attempt) -> bytes:
    if attempt.submission is None:
        return unframe(attempt.dispatch.submission).fingerprint
    return attempt.submission.payload_schema
