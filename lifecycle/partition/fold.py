"""One partition of joblog.events, folded record by record."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from joblog.lifecycle.dead_letters import original_of
from joblog.lifecycle.decisions import Refusal, Rules, Verdict
from joblog.lifecycle.errors import WrongLogError
from joblog.lifecycle.partition import held, lost
from joblog.lifecycle.partition.emissions import Emission
from joblog.lifecycle.partition.keys import (
    HELD,
    LOST,
    POSITION,
    TIMER,
    after,
    timer_key,
    timer_of,
)
from joblog.lifecycle.partition.knowledge import Knowledge
from joblog.lifecycle.partition.parts import Parts
from joblog.lifecycle.partition.turn import RowChange, Turn
from joblog.lifecycle.partition.view import StateView
from joblog.lifecycle.partition.working_set import Change
from joblog.lifecycle.reasons import Reason
from joblog.lifecycle.records import Inbound
from joblog.lifecycle.rules import VERSIONS
from joblog.lifecycle.states import Status
from joblog.schemas.errors import ConflictingSchemaError, UndecodableError, UnknownSchemaError
from joblog.schemas.models import (
    Event,
    JobEvent,
    LimitsAnnounced,
    LogOpened,
    RulesActivated,
    SchemaAnnounced,
    Tick,
    TopicsAnnounced,
    TypeAnnounced,
)
from joblog.schemas.state import JobRow

DUE_AT_ONCE: Final = 500
"""Timers that one tick acts on; the owner appends another tick for the rest."""


class Folded(NamedTuple):
    """What a record led to.

    Attributes:
        emissions: the records to send, in order.
        event: name of the record's event, empty where it is none.
        verdict: what became of the record.
        changes: the rows that changed, in order: of the event's job, and of others that are dispatched or
            whose time has come.
    """

    emissions: list[Emission]
    event: str = ""
    verdict: Verdict = Verdict.KEPT
    changes: Sequence[RowChange] = ()


class PartitionFold:
    """Folds a partition; state and outputs are functions of its records alone.

    `apply` decides records, `freeze` takes what a commit writes, `thaw` says that it is written.
    """

    def __init__(
        self,
        topic: str,
        partition: int,
        committed: StateView,
        versions: Mapping[int, Rules] = VERSIONS,
    ) -> None:
        """Go on from the position in a committed state."""
        self._parts = Parts.load(topic, partition, committed, versions)

    @property
    def offset(self) -> int:
        """Offset of the last record decided, -1 before the first."""
        return self._parts.offset

    @property
    def now(self) -> int:
        """Log time in ms."""
        return self._parts.clock.now

    @property
    def steps_back(self) -> int:
        """How many backward steps of the broker's clock were followed."""
        return self._parts.clock.steps_back

    @property
    def knowledge(self) -> Knowledge:
        """What the log has announced so far."""
        return self._parts.knowledge

    @property
    def in_flight(self) -> Mapping[str, int]:
        """Dispatched and not yet started attempts, by lane."""
        return self._parts.flow.in_flight

    @property
    def waiting(self) -> Mapping[str, int]:
        """Pending jobs, by line of the backlog."""
        return self._parts.flow.backlog.waiting

    @property
    def blocked(self) -> Mapping[str, int]:
        """Jobs that wait for their turn, by line of the backlog."""
        return self._parts.flow.blocked

    def waits_for(self, row: JobRow) -> str | None:
        """Return the job of its ordering key whose turn it is; None for a job that is not blocked."""
        if row.status != Status.BLOCKED:
            return None
        first = self._parts.order.first(row)
        return None if first is None else first.job_id

    def oldest(self, line: str) -> int | None:
        """Return the log time, ms, at which the first pending job of a line was opened."""
        first = self._parts.flow.backlog.first(line)
        return None if first is None else first.row.opening.opened_at

    @property
    def changed_rows(self) -> int:
        """Rows that the next commit writes."""
        return self._parts.state.changed_rows

    def row(self, job_id: str) -> JobRow | None:
        """Return a job's row as decided so far."""
        return self._parts.state.row(job_id)

    def rows(self, behind: str, limit: int, most_bytes: int) -> tuple[list[JobRow], bool]:
        """Return rows, as decided so far, of jobs whose ids are greater than one, ascending by id.

        Args:
            behind: the id.
            limit: how many at most.
            most_bytes: no more are read from the store once they have so many bytes.

        Returns:
            The rows, and whether there may be more behind them.
        """
        return self._parts.state.rows(behind, limit, most_bytes)

    def next_wake(self) -> int | None:
        """Return the log time, ms, at which something is due next."""
        found = self._parts.state.scan(TIMER, after(TIMER), 1)
        return timer_of(found[0][0])[0] if found else None

    def is_due(self, now: int) -> bool:
        """Return whether something is due at a log time in ms; it costs next to nothing where nothing is."""
        if not self._parts.state.may_be_due(now):
            return False
        wake = self.next_wake()
        return wake is not None and wake <= now

    def freeze(self) -> Iterator[Change]:
        """Yield what a commit writes: all changes since the last freeze, and the position.

        They are as they were when it was called; rows are encoded one by one, as they are taken.
        """
        self._parts.state.put(POSITION, self._parts.position().encode())
        return self._parts.state.freeze()

    def thaw(self) -> None:
        """The frozen changes are committed."""
        self._parts.state.thaw()

    def apply(self, record: Inbound) -> Folded:
        """Decide a record; one at or below the position changes nothing and puts out nothing."""
        if record.offset <= self._parts.offset:
            return Folded([])
        self._parts.clock.advance(record.timestamp)
        turn = Turn(self._parts, record)
        name = self._decide(turn, record)
        turn.dispatch()
        self._parts.offset = record.offset
        return Folded(turn.emissions, name, turn.verdict, turn.changes)

    def _decide(self, turn: Turn, record: Inbound) -> str:
        try:
            event = self._event_of(record)
        except UnknownSchemaError as error:
            self._hold(turn, record, error)
            return ""
        except UndecodableError as error:
            turn.refuse(original_of(record), None, Refusal(Reason.POISON, str(error)))
            return ""
        self._react(turn, record, event)
        return type(event).__name__

    def _event_of(self, record: Inbound) -> Event:
        if record.value is None:
            raise UndecodableError("the value is null, which no record of this topic may be")
        return self._parts.codec.decode(record.value)

    def _react(self, turn: Turn, record: Inbound, event: Event) -> None:
        match event:
            case JobEvent():
                turn.job_event(event, record)
            case Tick():
                self._tick(turn)
            case LogOpened():
                self._open(turn, record, event)
            case TypeAnnounced():
                self._know(turn, record, event)
            case LimitsAnnounced():
                self._parts.knowledge.limits_announced(event, self._parts.state)
            case SchemaAnnounced():
                self._learn(turn, record, event)
            case RulesActivated():
                self._activate(event)
            case TopicsAnnounced():
                for topic in self._parts.knowledge.topics_announced(event, self._parts.state):
                    lost.begin(topic, self.now, self._parts.state)
            case _:
                name = type(event).__name__
                detail = f"{name} may not stand on the events topic: remove its writer"
                self._refuse(turn, record, detail)

    def _tick(self, turn: Turn) -> None:
        state = self._parts.state
        for key, _ in state.scan(TIMER, timer_key(self.now + 1, b""), DUE_AT_ONCE):
            _, owner = timer_of(key)
            if owner.startswith(HELD):
                self._give_up(turn, owner)
            elif owner.startswith(LOST):
                for lost_row in lost.next_page(owner, state):
                    turn.restore(lost_row)
            elif (row := state.row(owner[1:].decode())) is not None:
                turn.elapse(row)

    def _give_up(self, turn: Turn, held_key: bytes) -> None:
        original = held.release(held_key, self._parts.state)
        if original is not None:
            grace = self._parts.knowledge.limits.unknown_schema_grace_ms
            detail = f"its schema was not announced within {grace} ms: publish it to joblog.schemas, then redrive"
            turn.refuse(original, None, Refusal(Reason.UNKNOWN_SCHEMA, detail))

    def _hold(self, turn: Turn, record: Inbound, error: UnknownSchemaError) -> None:
        refusal = turn.too_large("a record of unknown schema", record)
        if refusal is not None:
            turn.refuse(original_of(record), None, refusal)
            return
        wake_at = self.now + self._parts.knowledge.limits.unknown_schema_grace_ms
        held.hold(record, error.fingerprint, wake_at, self._parts.state)
        turn.verdict = Verdict.HELD

    def _learn(self, turn: Turn, record: Inbound, event: SchemaAnnounced) -> None:
        try:
            new = self._parts.knowledge.schema_announced(event, self._parts.state)
        except (UndecodableError, ConflictingSchemaError) as error:
            self._refuse(turn, record, str(error))
            return
        if new:
            for waiting in held.release_all(event.fingerprint, self._parts.state):
                self._decide(turn, waiting)
                turn.dispatch()

    def _open(self, turn: Turn, record: Inbound, event: LogOpened) -> None:
        try:
            self._parts.knowledge.opened(event)
        except WrongLogError as error:  # whether the topic is another one is checked at its opening
            self._refuse(turn, record, str(error))

    def _know(self, turn: Turn, record: Inbound, event: TypeAnnounced) -> None:
        lanes = self._parts.knowledge.limits.lanes
        if event.lane in lanes:
            self._parts.knowledge.type_announced(event, self._parts.state)
        else:
            detail = f"lane {event.lane!r} of type {event.type!r} is none of this log's: {', '.join(lanes)}"
            self._refuse(turn, record, detail)

    def _refuse(self, turn: Turn, record: Inbound, detail: str) -> None:
        turn.refuse(original_of(record), None, Refusal(Reason.ILLEGAL, detail))

    def _activate(self, event: RulesActivated) -> None:
        if event.rules > self._parts.knowledge.rules:
            self._parts.activate(event.rules)
