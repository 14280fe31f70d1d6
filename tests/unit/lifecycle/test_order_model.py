"""Whatever happens to ordered jobs, in whatever order: who runs is who runs in a model of a few lists."""

from dataclasses import dataclass, field

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from joblog.schemas.models import (
    AttemptCancelled,
    AttemptLost,
    AttemptReleased,
    AttemptStarted,
    DeadLetterDiscarded,
    JobCancelRequested,
    JobEvent,
    JobRedriven,
    RetryPolicy,
)
from tests.unit.lifecycle.partition_log import PartitionLog

KEYS = ("a", "b")
SETBACKS: dict[str, type[JobEvent]] = {"loss": AttemptLost, "release": AttemptReleased}


@dataclass
class Model:
    """The jobs of each key that are not done with, in order, and what is known of them."""

    lines: dict[str, list[str]] = field(default_factory=lambda: {key: [] for key in KEYS})
    keys: dict[str, str] = field(default_factory=dict)
    deadlines: dict[str, int] = field(default_factory=dict)
    running: set[str] = field(default_factory=set)
    dead: set[str] = field(default_factory=set)
    discarded: set[str] = field(default_factory=set)

    @property
    def blocked(self) -> list[str]:
        inside = [job for line in self.lines.values() for job in line]
        return [job for job in inside if job not in self.running | self.dead]

    def enter(self, job: str) -> None:
        self.lines[self.keys[job]].append(job)

    def leave(self, job: str) -> None:
        self.lines[self.keys[job]].remove(job)
        self.running.discard(job)

    def is_late(self, job: str, now: int) -> bool:
        return job not in self.running | self.dead and self.deadlines.get(job, now + 1) <= now

    def settle(self, now: int) -> None:
        """Let the first of each line run, unless it is dead-lettered or its deadline has passed."""
        for line in self.lines.values():
            while line and self.is_late(line[0], now):
                line.pop(0)
            if line and line[0] not in self.dead:
                self.running.add(line[0])


class OrderedJobs(RuleBasedStateMachine):
    """Jobs with and without deadlines, of two keys, over a state that is committed and read again."""

    def __init__(self) -> None:
        super().__init__()
        self.log = PartitionLog()
        policy = RetryPolicy(max_attempts=99, initial_delay_ms=0, max_delay_ms=0)
        self.log.announce("mail", retry_policy=policy)
        self.log.limit(loss_limit=99)
        self.model = Model()

    @rule(key=st.sampled_from(KEYS), waits=st.none() | st.integers(1, 50), first=st.booleans())
    def submit(self, key: str, waits: int | None, first: bool) -> None:  # noqa: FBT001 - Hypothesis names it
        job = f"job-{len(self.model.keys)}"
        deadline = None if waits is None else self.log.now + waits
        self.log.submit(job, ordering_key=key, deadline=deadline, priority=9 if first else 0)
        self.model.keys[job] = key
        if deadline is not None:
            self.model.deadlines[job] = deadline
        self.model.enter(job)

    @precondition(lambda self: self.model.running)
    @rule(data=st.data())
    def succeed(self, data: st.DataObject) -> None:
        job = data.draw(st.sampled_from(sorted(self.model.running)))
        self.log.succeed(job)
        self.model.leave(job)

    @precondition(lambda self: self.model.running)
    @rule(data=st.data())
    def fail_for_good(self, data: st.DataObject) -> None:
        job = data.draw(st.sampled_from(sorted(self.model.running)))
        self.log.fail(job, retryable=False)
        self.model.running.remove(job)
        self.model.dead.add(job)

    @precondition(lambda self: self.model.running - self.model.deadlines.keys())
    @rule(data=st.data(), what=st.sampled_from(["failure", "loss", "release", "start"]))
    def go_on(self, data: st.DataObject, what: str) -> None:
        job = data.draw(st.sampled_from(sorted(self.model.running - self.model.deadlines.keys())))
        match what:
            case "failure":
                self.log.fail(job)
            case "start":
                self.log.report(AttemptStarted, job, started_at=1, lease_ms=10**9)
            case _:
                self.log.report(SETBACKS[what], job)

    @precondition(lambda self: self.model.running)
    @rule(data=st.data())
    def cancel_one_that_runs(self, data: st.DataObject) -> None:
        job = data.draw(st.sampled_from(sorted(self.model.running)))
        self.log.ask(JobCancelRequested, job)
        self.log.report(AttemptCancelled, job)
        self.model.leave(job)

    @precondition(lambda self: self.model.blocked)
    @rule(data=st.data())
    def cancel_one_that_waits(self, data: st.DataObject) -> None:
        job = data.draw(st.sampled_from(self.model.blocked))
        self.log.ask(JobCancelRequested, job)
        self.model.leave(job)

    @precondition(lambda self: self.model.dead)
    @rule(data=st.data())
    def redrive(self, data: st.DataObject) -> None:
        job = data.draw(st.sampled_from(sorted(self.model.dead)))
        self.log.ask(JobRedriven, job, generation=self.log.row(job).generation + 1)
        self.model.dead.remove(job)
        self.model.deadlines.pop(job, None)
        if job in self.model.discarded:
            self.model.discarded.remove(job)
            self.model.enter(job)

    @precondition(lambda self: self.model.dead - self.model.discarded)
    @rule(data=st.data())
    def discard(self, data: st.DataObject) -> None:
        job = data.draw(st.sampled_from(sorted(self.model.dead - self.model.discarded)))
        self.log.ask(DeadLetterDiscarded, job)
        self.model.discarded.add(job)
        self.model.leave(job)

    @rule(ms=st.integers(0, 30))
    def let_time_pass(self, ms: int) -> None:
        self.log.tick(ms)
        for job in self.model.blocked:
            if self.model.is_late(job, self.log.now):
                self.model.leave(job)

    @rule(reopen=st.booleans())
    def commit(self, reopen: bool) -> None:  # noqa: FBT001 - as above
        if reopen:
            self.log.reopen()
        else:
            self.log.commit()

    @invariant()
    def those_run_that_run_in_the_model(self) -> None:
        self.model.settle(self.log.now)
        for job in self.model.running:
            assert self.log.row(job).status in {"dispatched", "running"}
        for job in self.model.blocked:
            assert self.log.row(job).status == "blocked"
            first = self.model.lines[self.model.keys[job]][0]
            assert self.log.fold.waits_for(self.log.row(job)) == first
        assert sum(self.log.fold.blocked.values()) == len(self.model.blocked)
        assert sum(self.log.fold.in_flight.values()) <= len(self.model.running)


TestOrderedJobs = OrderedJobs.TestCase
