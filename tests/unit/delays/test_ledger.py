from hypothesis import given
from hypothesis import strategies as st

from joblog.processors.delays.ledger import Ledger


@given(st.integers(0, 1_000), st.permutations(range(12)), st.integers(0, 12))
def test_only_what_is_done_without_a_hole_may_be_committed(
    start: int, order: list[int], done: int
) -> None:
    ledger = Ledger()
    for offset in range(start, start + 12):
        ledger.read(offset)
    for place in order[:done]:
        ledger.done(start + place)
    prefix = next((place for place in range(12) if place not in order[:done]), 12)
    assert ledger.committable == (start + prefix if prefix else None)
    assert ledger.span == 12 - prefix


def test_nothing_is_committed_twice() -> None:
    ledger = Ledger()
    ledger.read(5)
    ledger.done(5)
    assert ledger.committable == 6
    ledger.committed(6)
    assert ledger.committable is None
    ledger.read(6)
    assert ledger.committable is None
    ledger.done(6)
    assert ledger.committable == 7


def test_gaps_in_the_log_do_not_count() -> None:
    ledger = Ledger()
    for offset in (3, 7, 8):
        ledger.read(offset)
    ledger.done(3)
    assert ledger.committable == 7


def test_nothing_read_nothing_to_commit() -> None:
    assert Ledger().committable is None
