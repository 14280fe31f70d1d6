"""One record's turn: it is decided, the state is changed, and what is put out is collected."""

from collections.abc import Callable
from typing import Final, TypeGuard

from joblog.lifecycle import dead_letters
from joblog.lifecycle.decisions import Context, Decision, Refusal, Verdict
from joblog.lifecycle.outputs import Destination, Output
from joblog.lifecycle.partition.emissions import Emission, OutputTooLarge, emission
from joblog.lifecycle.partition.ordering import order_refusal
from joblog.lifecycle.partition.parts import Parts
from joblog.lifecycle.partitioner import partition_of
from joblog.lifecycle.reasons import Reason
from joblog.lifecycle.records import KEY_BYTES, Inbound
from joblog.lifecycle.stamps import Stamps
from joblog.lifecycle.states import TERMINAL, Status
from joblog.schemas.errors import JoblogError
from joblog.schemas.models import (
    AttemptCancelled,
    AttemptFailed,
    AttemptLost,
    AttemptReleased,
    AttemptSucceeded,
    DelayElapsed,
    JobEvent,
    JobSubmitted,
    OriginalRecord,
)
from joblog.schemas.state import JobRow

RowChange = tuple[JobRow | None, JobRow]
"""A row before, None where it is new, and after."""

ENDS_THE_PROCESS: Final = (MemoryError, OSError, JoblogError)
"""Exceptions that say nothing about the record that is decided."""

MOVES_ON: Final = (
    AttemptSucceeded,
    AttemptFailed,
    AttemptLost,
    AttemptReleased,
    AttemptCancelled,
    DelayElapsed,
)
"""Events that a job waits for: without them it would stay where it is."""

HEADERS_BYTES: Final = 32_768
"""Most bytes of the headers of a record that is kept in a row or passed on."""

SHOWN_KEY_BYTES: Final = 128


class Turn:
    """Everything that one record of the log leads to."""

    __slots__ = ("_parts", "_record", "_stamps", "changes", "emissions", "verdict")

    def __init__(self, parts: Parts, record: Inbound) -> None:
        """Begin a record's turn."""
        self._parts = parts
        self._record = record
        self._stamps = Stamps(parts.topic, parts.partition, record.offset, parts.clock.now)
        self.emissions: list[Emission] = []
        self.verdict = Verdict.KEPT
        self.changes: list[RowChange] = []

    def job_event(self, event: JobEvent, record: Inbound) -> None:
        """Decide an event of a job; `record` is where it stood."""
        row = self._parts.state.row(event.job_id)
        refusal = self._refusal(event, record)
        if refusal is None and row is None:
            if self._is_misplaced(event):
                self._forward(event, record)
                return
            refusal = order_refusal(event, record, self._parts.knowledge.partitions)
        if refusal is not None:
            self.refuse(dead_letters.original_of(record), event, refusal)
        else:
            context = self._context(event.type if isinstance(event, JobSubmitted) else row, record)
            decision = self._decided(row, event, context)
            if row is None and self._goes_straight_on(decision.row):
                decision = Decision(self._dispatched(decision.row, context))
            self._judge(row, event, decision, context)

    def elapse(self, row: JobRow) -> None:
        """Decide a row whose time has come."""
        self._reconsider(row, self._parts.rules.elapse)

    def restore(self, row: JobRow) -> None:
        """Put out again what a row waits for: it stood on a topic that is gone."""
        self._reconsider(row, self._parts.rules.restore)

    def dispatch(self) -> None:
        """Fill the dispatch windows from the backlog."""
        while (row := self._parts.flow.next()) is not None:
            self._dispatch(row)

    def refuse(self, original: OriginalRecord, event: JobEvent | None, refusal: Refusal) -> None:
        """Dead-letter a record."""
        context = self._context(None, self._record)
        self._emit((dead_letters.of_record(original, event, refusal, context),))
        self.verdict = Verdict.REFUSED

    def _decided(self, row: JobRow | None, event: JobEvent, context: Context) -> Decision:
        decision = self._guarded(row, lambda: self._parts.rules.decide(row, event, context))
        if decision.refusal is None or decision.refusal.reason != Reason.RULE_RAISED:
            return decision
        if row is None or row.status in TERMINAL or not isinstance(event, MOVES_ON):
            return decision
        # Refusing the record alone would leave a job that nothing moves on any more.
        return self._parts.rules.give_up(row, decision.refusal, context)

    def _reconsider(self, row: JobRow, rule: Callable[[JobRow, Context], Decision]) -> None:
        context = self._context(row, self._record)
        decision = self._guarded(row, lambda: rule(row, context))
        self._change(
            row, self._settled(self._or_give_up(row, decision, context), row, context), context
        )

    def _dispatch(self, row: JobRow) -> None:
        context = self._context(row, self._record)
        self._change(row, self._dispatched(row, context), context)

    def _dispatched(self, row: JobRow, context: Context) -> JobRow:
        decision = self._guarded(row, lambda: self._parts.rules.dispatch(row, context))
        return self._settled(self._or_give_up(row, decision, context), row, context)

    def _goes_straight_on(self, row: JobRow | None) -> TypeGuard[JobRow]:
        return (
            row is not None
            and row.status == Status.PENDING
            and self._parts.flow.admits(row)
            and self._parts.order.has_turn(row)
        )

    def _judge(
        self, row: JobRow | None, event: JobEvent, decision: Decision, context: Context
    ) -> None:
        self.verdict = decision.verdict
        if decision.refusal is not None:
            self.refuse(dead_letters.original_of(context.record), event, decision.refusal)
        elif decision.row is not None:
            settled = self._settled(decision, decision.row, context)
            if settled is not row:
                self._change(row, settled, context)

    def _settled(self, decision: Decision, before: JobRow, context: Context) -> JobRow:
        """Put out what follows from a decision and return the row after it.

        Where an output is too large, the job is given up as it was before what made that output.
        """
        try:
            self._emit(decision.outputs)
        except OutputTooLarge as error:
            rule = f"an output of the job would have {error}: submit less, or raise the limit"
            decision = self._parts.rules.give_up(before, Refusal(Reason.TOO_LARGE, rule), context)
            self._emit(decision.outputs)
        return before if decision.row is None else decision.row

    def _change(self, before: JobRow | None, row: JobRow, context: Context) -> None:
        is_ordered = row.opening.ordering_key is not None
        if is_ordered:
            row = self._parts.order.in_turn(row)
        wake_at = self._parts.rules.wake_at(row, context)
        after = row if wake_at == row.wake_at else row.changed(wake_at=wake_at)
        if after is not before:
            self._parts.state.put_row(before, after)
            self._parts.flow.moved(before, after)
            self.changes.append((before, after))
            if is_ordered:
                self._pass_on(before, after)

    def _pass_on(self, before: JobRow | None, after: JobRow) -> None:
        """Let the next job of an ordering key have its turn, if one that others waited for is done with."""
        following = self._parts.order.moved(before, after)
        if following is not None:
            context = self._context(following, self._record)
            freed = following.changed(status=Status.PENDING, updated_at=context.now)
            self._change(following, freed, context)

    def _emit(self, outputs: tuple[Output, ...]) -> None:
        parts = self._parts
        limits = parts.knowledge.limits
        self.emissions += [
            emission(output, parts.codec, parts.partition, limits) for output in outputs
        ]

    def _guarded(self, row: JobRow | None, rule: Callable[[], Decision]) -> Decision:
        try:
            return rule()
        except ENDS_THE_PROCESS:
            raise
        except Exception as error:  # noqa: BLE001  # a rule that always raises must not stop the partition
            detail = f"the rules raise {type(error).__name__}: {error}; mend them in a new version, redrive"
            return Decision(
                row, verdict=Verdict.REFUSED, refusal=Refusal(Reason.RULE_RAISED, detail)
            )

    def _or_give_up(self, row: JobRow, decision: Decision, context: Context) -> Decision:
        if decision.refusal is None:
            return decision
        return self._parts.rules.give_up(row, decision.refusal, context)

    def _context(self, subject: JobRow | str | None, record: Inbound) -> Context:
        parts = self._parts
        type_ = subject.opening.type if isinstance(subject, JobRow) else subject
        known = None if type_ is None else parts.knowledge.types.get(type_)
        return Context(
            parts.clock.now, record, self._stamps, known, parts.knowledge.limits, parts.submission
        )

    def _refusal(self, event: JobEvent, record: Inbound) -> Refusal | None:
        if record.key != event.key:
            found = "null" if record.key is None else repr(record.key[:SHOWN_KEY_BYTES])
            detail = f"the record key is {found}: events of job {event.job_id!r} have its id as key"
            return Refusal(Reason.ILLEGAL, detail)
        name = type(event).__name__
        return self.too_large(name, record) if isinstance(event, JobSubmitted) else None

    def too_large(self, name: str, record: Inbound) -> Refusal | None:
        """Return why a record is not taken that is larger than the log allows, None where it is not.

        Kafka's own limit does not keep it out: that is for batches, as they are compressed.
        """
        limit = self._parts.knowledge.limits.max_submission_bytes
        for what, size, most in (
            (name, len(record.value or b""), limit),
            ("key", len(record.key or b""), KEY_BYTES),
            ("headers", record.headers_size, HEADERS_BYTES),
        ):
            if size > most:
                rule = f"{size} bytes of {what}, {most} are allowed"
                detail = f"{rule}: put the data elsewhere, and submit where it is"
                return Refusal(Reason.TOO_LARGE, detail)
        return None

    def _is_misplaced(self, event: JobEvent) -> bool:
        partitions = self._parts.knowledge.partitions
        return partitions > 0 and partition_of(event.key, partitions) != self._parts.partition

    def _forward(self, event: JobEvent, record: Inbound) -> None:
        refusal = self.too_large(type(event).__name__, record)
        if refusal is not None:
            self.refuse(dead_letters.original_of(record), event, refusal)
            return
        partition = partition_of(event.key, self._parts.knowledge.partitions)
        passed_on = Emission(
            Destination.EVENTS,
            "",
            partition,
            record.key,
            record.value,
            None,
            headers=record.headers,
        )
        self.emissions.append(passed_on)
        self.verdict = Verdict.FORWARDED
