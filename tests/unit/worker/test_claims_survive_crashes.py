"""Whatever a worker was doing when it died: nothing is lost, and nothing runs twice.

One work partition, as the broker and the events topic see it, and the workers that hold it one after the
other. A step of a worker is one call of its ledger; a request that was under way in a crash may or may
not have reached the broker.
"""

from collections import Counter

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from joblog.processors.worker.claims import METADATA_BYTES, Arrival, Claim, ClaimLedger, Place

LOG_ID = "SyIHrkbITUiKNxvWk3xqIg"

RAN = "ran"
LOST = "lost"


class WorkPartition(RuleBasedStateMachine):
    """Dispatches, a committed offset with its claim, and what was reported."""

    def __init__(self) -> None:
        super().__init__()
        self.log: list[Place] = []
        self.committed: tuple[int, str] | None = None
        self.reports: list[tuple[str, Place]] = []
        self.runs: Counter[Place] = Counter()
        self.workers = 0
        self.take_over()

    def take_over(self) -> None:
        """Begin with nothing but what is committed, as a new worker does."""
        self.workers += 1
        offset, metadata = self.committed or (0, "")
        claim = Claim.decode(metadata) if metadata else None
        self.ledger = ClaimLedger(LOG_ID, f"worker-{self.workers}", offset, claim)
        self.position = offset
        self.buffered: list[int] = []
        self.claimed: list[int] = []
        self.running: list[int] = []
        self.unsent: list[tuple[str, int]] = []
        self.unacknowledged: list[tuple[str, int]] = []

    @rule(new=st.integers(1, 5))
    def dispatch(self, new: int) -> None:
        highest = max(self.log, default=(0, -1))
        for index in range(new):
            self.log.append((highest[0] + index // 2 + 1, index % 2))

    @precondition(lambda self: self.log)
    @rule(last=st.integers(1, 6))
    def dispatch_again_after_a_crash_of_the_scheduler(self, last: int) -> None:
        highest = max(self.log)
        originals = sorted(set(self.log))
        self.log.extend(originals[originals.index(highest) + 1 - last :][-last:])

    @rule(most=st.integers(1, 8))
    def read(self, most: int) -> None:
        for place in self.log[self.position : self.position + most]:
            arrival = self.ledger.arrive(self.position, place)
            if arrival is Arrival.TAKE:
                self.buffered.append(self.position)
            elif arrival is Arrival.LOST:
                self.unsent.append((LOST, self.position))
            self.position += 1

    @rule(data=st.data())
    def claim_and_commit(self, data: st.DataObject) -> None:
        picked = (
            data.draw(st.lists(st.sampled_from(self.buffered), unique=True))
            if self.buffered
            else []
        )
        for offset in picked:
            self.buffered.remove(offset)
            self.ledger.claim(offset)
            self.claimed.append(offset)
        self.commit()
        self.running += self.claimed
        self.runs.update(self.log[offset] for offset in self.claimed)
        self.claimed = []

    @rule(data=st.data())
    def die_while_claims_are_committed(self, data: st.DataObject) -> None:
        picked = (
            data.draw(st.lists(st.sampled_from(self.buffered), unique=True))
            if self.buffered
            else []
        )
        for offset in picked:
            self.ledger.claim(offset)
        if data.draw(st.booleans()):
            self.commit()
        self.take_over()

    @precondition(lambda self: self.running)
    @rule(data=st.data())
    def finish(self, data: st.DataObject) -> None:
        offset = data.draw(st.sampled_from(self.running))
        self.running.remove(offset)
        self.unsent.append((RAN, offset))

    @precondition(lambda self: self.unsent)
    @rule()
    def publish(self) -> None:
        self.reports += [(kind, self.log[offset]) for kind, offset in self.unsent]
        self.unacknowledged += self.unsent
        self.unsent = []

    @precondition(lambda self: self.unacknowledged)
    @rule()
    def hear_the_acknowledgement(self) -> None:
        for _, offset in self.unacknowledged:
            self.ledger.settle(offset)
        self.unacknowledged = []

    @rule(data=st.data())
    def die(self, data: st.DataObject) -> None:
        if data.draw(st.booleans()):  # what it was sending arrives all the same
            self.publish()
        self.take_over()

    @rule()
    def give_the_partition_up_in_good_order(self) -> None:
        self.unsent += [
            (RAN, offset) for offset in self.running
        ]  # reported as started: its lease counts
        self.running = []
        self.publish()
        self.hear_the_acknowledgement()
        self.commit()
        self.take_over()

    def commit(self) -> None:
        offset, claim, changes = self.ledger.to_commit()
        metadata = claim.encode()
        assert len(metadata) <= METADATA_BYTES
        self.committed = offset, metadata
        self.ledger.committed(changes)

    @invariant()
    def nothing_runs_twice(self) -> None:
        assert all(count == 1 for count in self.runs.values())

    @invariant()
    def nothing_is_lost_that_was_never_claimed(self) -> None:
        lost = {place for kind, place in self.reports if kind == LOST}
        assert lost <= set(self.log)

    def teardown(self) -> None:
        """Let a last worker finish everything: each dispatch has then been reported."""
        self.take_over()
        while self.position < len(self.log) or self.buffered:
            self.read(8)
            for offset in self.buffered:
                self.ledger.claim(offset)
            self.commit()
            self.runs.update(self.log[offset] for offset in self.buffered)
            self.unsent += [(RAN, offset) for offset in self.buffered]
            self.buffered = []
            self.publish()
            self.hear_the_acknowledgement()
        self.nothing_runs_twice()
        assert {place for _, place in self.reports} == set(self.log)
        self.commit()
        assert self.committed is not None
        assert self.committed[0] == len(self.log)
        assert not self.ledger.claimed
        assert not self.ledger.untouched


TestWorkPartition = WorkPartition.TestCase
