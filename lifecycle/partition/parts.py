"""What the decisions of a partition share."""

from collections.abc import Mapping
from dataclasses import dataclass

from joblog.lifecycle.decisions import Rules
from joblog.lifecycle.partition.backlog import waiting_in
from joblog.lifecycle.partition.clock import LogClock
from joblog.lifecycle.partition.flow import Flow
from joblog.lifecycle.partition.keys import BLOCKED, POSITION
from joblog.lifecycle.partition.knowledge import Knowledge
from joblog.lifecycle.partition.order import Order
from joblog.lifecycle.partition.view import StateView
from joblog.lifecycle.partition.working_set import WorkingSet
from joblog.lifecycle.rules import rules_of
from joblog.schemas.codec import Codec
from joblog.schemas.models import JobSubmitted
from joblog.schemas.state import JobRow, LogPosition


@dataclass
class Parts:
    """The state of a partition and what is known about its log; `rules` are those in force."""

    topic: str
    partition: int
    versions: Mapping[int, Rules]
    codec: Codec
    state: WorkingSet
    clock: LogClock
    knowledge: Knowledge
    flow: Flow
    order: Order
    offset: int
    rules: Rules

    @classmethod
    def load(
        cls, topic: str, partition: int, committed: StateView, versions: Mapping[int, Rules]
    ) -> "Parts":
        """Go on from the position in a committed state."""
        value = committed.get(POSITION)
        position = LogPosition() if value is None else LogPosition.decode(value)
        rules = rules_of(position.rules, versions)
        codec = Codec()
        state = WorkingSet(committed)
        knowledge = Knowledge(codec, position.log_id, position.partitions, position.rules)
        knowledge.load(committed)
        flow = Flow(
            state,
            knowledge,
            position.in_flight,
            waiting_in(committed),
            waiting_in(committed, BLOCKED),
        )
        clock = LogClock(position.now)
        return cls(
            topic,
            partition,
            versions,
            codec,
            state,
            clock,
            knowledge,
            flow,
            Order(state),
            position.offset,
            rules,
        )

    def activate(self, version: int) -> None:
        """Decide by another version of the rules from now on.

        Raises:
            UnknownRulesError: this process does not have it.
        """
        self.rules = rules_of(version, self.versions)
        self.knowledge.rules = version

    def position(self) -> LogPosition:
        """Return the position after the last record decided."""
        return LogPosition(
            self.offset,
            self.clock.now,
            self.knowledge.log_id,
            self.knowledge.partitions,
            self.knowledge.rules,
            self.flow.in_flight,
        )

    def submission(self, row: JobRow) -> JobSubmitted:
        """Decode the submission that a row keeps."""
        event = self.codec.decode(row.opening.submission)
        if not isinstance(event, JobSubmitted):
            raise TypeError(f"row {row.job_id!r} keeps a {type(event).__name__} as its submission")
        return event
