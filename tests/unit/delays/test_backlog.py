import pytest
from hypothesis import given
from hypothesis import strategies as st

from joblog.lifecycle.delays import TIERS
from joblog.lifecycle.reasons import Reason
from joblog.processors.delays.backlog import (
    LEAST_READ_AHEAD,
    MOST_READ_AHEAD,
    MOST_UNDONE,
    READ_AHEAD,
    USUAL_BYTES,
    Bounds,
    TierBacklog,
)
from joblog.processors.delays.records import Refused
from joblog.streams.records import Inbound

RECORDS = 10


@pytest.fixture
def backlog() -> TierBacklog:
    return TierBacklog(TIERS[1], RECORDS)


def refused(offset: int = 0, value: bytes = b"", header: bytes = b"") -> Refused:
    record = Inbound("t.delay.1s", 0, offset, 1, b"", value, (("x", header),))
    return Refused(record, Reason.POISON, "")


def test_so_many_records_are_read_ahead(backlog: TierBacklog) -> None:
    entries = [backlog.add(refused(offset)) for offset in range(RECORDS)]
    assert backlog.is_full
    backlog.let_go(entries[0])
    assert not backlog.is_full


LARGE = b"x" * RECORDS * USUAL_BYTES


@pytest.mark.parametrize("large", [refused(value=LARGE), refused(header=LARGE)])
def test_large_records_count_as_several(backlog: TierBacklog, large: Refused) -> None:
    backlog.add(refused())
    assert not backlog.is_full
    entry = backlog.add(large)
    assert backlog.is_full
    backlog.let_go(entry)
    assert not backlog.is_full


def test_one_that_is_not_done_lets_only_so_many_pass_by(backlog: TierBacklog) -> None:
    backlog.add(refused(0))
    for offset in range(1, MOST_UNDONE):
        backlog.let_go(backlog.add(refused(offset)))
        backlog.ledger.done(offset)
    assert backlog.is_full
    backlog.ledger.done(0)
    assert not backlog.is_full


@given(st.integers(1, 1_000_000), st.integers(1, 1_024))
def test_more_partitions_share_the_same_memory(max_held: int, partitions: int) -> None:
    bounds = Bounds.of(max_held, partitions)
    assert bounds.held == max(1, max_held // partitions)
    assert LEAST_READ_AHEAD <= bounds.read_ahead <= MOST_READ_AHEAD
    if bounds.read_ahead > LEAST_READ_AHEAD:
        assert bounds.read_ahead * partitions * len(TIERS) <= READ_AHEAD
