"""What was delivered, acknowledged and committed: examples, and a model that knows better."""

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from joblog.streams.faust_app.errors import AcknowledgementError, DeliveryGapError
from joblog.streams.faust_app.ledger import Ledger

PARTITIONS = (0, 1)


def test_only_the_acknowledged_prefix_is_committed() -> None:
    ledger = Ledger()
    ledger.begin(0, 100)
    ledger.deliver(0, 100, 199)
    assert ledger.committable() == {}
    ledger.acknowledge(0, 149)
    ledger.deliver(0, 200, 249)
    assert ledger.committable() == {0: 150}
    assert ledger.in_flight(0) == 100


def test_a_commit_that_fails_is_tried_again() -> None:
    ledger = Ledger()
    ledger.begin(0, 0)
    ledger.deliver(0, 0, 9)
    ledger.acknowledge(0, 9)
    assert ledger.committable() == {0: 10}
    assert ledger.committable() == {0: 10}, "nobody said that it was committed"
    ledger.committed({0: 10})
    assert ledger.committable() == {}


def test_a_late_acknowledgement_of_an_older_generation_is_refused() -> None:
    older, newer = Ledger(), Ledger()
    older.begin(0, 100)
    older.deliver(0, 100, 199)
    older.close()
    newer.begin(0, 100)
    newer.deliver(0, 100, 250)
    assert older.acknowledge(0, 199) is False
    assert older.committable() == {}
    assert newer.committable() == {}


def test_what_was_acknowledged_in_time_can_still_be_committed() -> None:
    ledger = Ledger()
    ledger.begin(0, 0)
    ledger.deliver(0, 0, 9)
    ledger.acknowledge(0, 4)
    ledger.close()
    assert ledger.committable() == {0: 5}


@pytest.mark.parametrize("follows", [9, 11])
def test_records_that_do_not_follow_are_refused(follows: int) -> None:
    ledger = Ledger()
    ledger.begin(3, 0)
    ledger.deliver(3, 0, 9)
    with pytest.raises(DeliveryGapError, match=rf"partition 3 .* offset {follows} instead of 10"):
        ledger.deliver(3, follows, 20)


@pytest.mark.parametrize("partition", [0, 1])
def test_what_was_not_delivered_cannot_be_acknowledged(partition: int) -> None:
    ledger = Ledger()
    ledger.begin(0, 5)
    ledger.deliver(0, 5, 9)
    with pytest.raises(AcknowledgementError):
        ledger.acknowledge(partition, 10)


class LedgerMachine(RuleBasedStateMachine):
    """Deliveries, acknowledgements, commits that may fail, and changes of generation, in any order.

    The model keeps each delivered offset by itself.
    """

    def __init__(self) -> None:
        super().__init__()
        self.group: dict[int, int] = {}
        self.durable = dict.fromkeys(PARTITIONS, 0)
        self.ended: list[Ledger] = []

    @initialize()
    def start(self) -> None:
        self.ledger = Ledger()
        self.positions = dict(self.durable)
        self.delivered: dict[int, list[int]] = {partition: [] for partition in PARTITIONS}
        self.acknowledged = dict.fromkeys(PARTITIONS, -1)
        for partition, position in self.positions.items():
            self.ledger.begin(partition, position)

    def next_offset(self, partition: int) -> int:
        return (
            self.delivered[partition][-1] + 1
            if self.delivered[partition]
            else self.positions[partition]
        )

    @rule(partition=st.sampled_from(PARTITIONS), count=st.integers(1, 5), gap=st.integers(0, 2))
    def deliver(self, partition: int, count: int, gap: int) -> None:
        follows = self.next_offset(partition)
        offsets = list(range(follows + gap, follows + gap + count))
        self.ledger.deliver(partition, follows, offsets[-1])
        self.delivered[partition] += offsets

    @precondition(lambda self: any(self.delivered.values()))
    @rule(data=st.data())
    def acknowledge(self, data: st.DataObject) -> None:
        partition = data.draw(st.sampled_from([p for p in PARTITIONS if self.delivered[p]]))
        offset = data.draw(st.sampled_from(self.delivered[partition]))
        assert self.ledger.acknowledge(partition, offset)
        self.acknowledged[partition] = max(self.acknowledged[partition], offset)
        self.durable[partition] = max(self.durable[partition], offset + 1)

    @rule(partition=st.sampled_from(PARTITIONS), beyond=st.integers(0, 3))
    def acknowledge_too_much(self, partition: int, beyond: int) -> None:
        with pytest.raises(AcknowledgementError):
            self.ledger.acknowledge(partition, self.next_offset(partition) + beyond)

    @rule(succeeds=st.booleans())
    def commit(self, succeeds: bool) -> None:  # noqa: FBT001 - Hypothesis draws it
        offsets = self.ledger.committable()
        if succeeds:
            self.group |= offsets
            self.ledger.committed(offsets)
            assert self.ledger.committable() == {}

    @rule()
    def change_generation(self) -> None:
        self.ledger.close()
        self.ended.append(self.ledger)
        self.start()

    @precondition(lambda self: self.ended)
    @rule(partition=st.sampled_from(PARTITIONS), offset=st.integers(0, 50))
    def acknowledge_late(self, partition: int, offset: int) -> None:
        before = self.ledger.committable(), self.ledger.in_flight(partition)
        assert not self.ended[-1].acknowledge(partition, offset)
        assert (self.ledger.committable(), self.ledger.in_flight(partition)) == before

    @invariant()
    def never_more_than_the_acknowledged_prefix(self) -> None:
        for partition, offset in self.ledger.committable().items():
            assert offset == self.acknowledged[partition] + 1
        for partition, offset in self.group.items():
            assert offset <= self.durable[partition]

    @invariant()
    def nothing_in_flight_is_forgotten(self) -> None:
        for partition in PARTITIONS:
            open_offsets = [
                o for o in self.delivered[partition] if o > self.acknowledged[partition]
            ]
            assert self.ledger.in_flight(partition) >= len(open_offsets)
            assert (self.ledger.in_flight(partition) == 0) == (not open_offsets)


TestLedger = LedgerMachine.TestCase
