"""What a ledger says about each record that is read, and what it commits."""

import random

import pytest

from joblog.processors.worker.claims import (
    METADATA_BYTES,
    WINDOW,
    Arrival,
    Claim,
    ClaimLedger,
    RecordState,
)

LOG_ID = "SyIHrkbITUiKNxvWk3xqIg"


def ledger(offset: int = 10, claim: Claim | None = None) -> ClaimLedger:
    return ClaimLedger(LOG_ID, "w", offset, claim)


def successor(of: ClaimLedger) -> ClaimLedger:
    offset, claim, _ = of.to_commit()
    return ledger(offset, Claim.decode(claim.encode()))


def test_a_new_dispatch_is_taken_and_its_repeat_is_not() -> None:
    one = ledger()
    assert one.arrive(10, (5, 0)) is Arrival.TAKE
    assert one.arrive(11, (5, 1)) is Arrival.TAKE
    assert one.arrive(12, (5, 0)) is Arrival.REPEATED
    assert one.arrive(13, (5, 1)) is Arrival.REPEATED
    assert one.arrive(14, (6, 0)) is Arrival.TAKE
    assert one.untouched == [10, 11, 14]


def test_records_without_a_place_are_never_repeats() -> None:
    one = ledger()
    assert one.arrive(10, (5, 0)) is Arrival.TAKE
    assert one.arrive(11, None) is Arrival.TAKE
    assert one.arrive(12, None) is Arrival.TAKE
    assert one.highest == (5, 0)


def test_a_successor_knows_repeats_of_what_it_has_not_read_itself() -> None:
    one = ledger()
    one.arrive(10, (5, 0))
    one.arrive(11, (7, 0))
    one.settle(10)
    one.settle(11)
    two = successor(one)
    assert two.arrive(12, (7, 0)) is Arrival.REPEATED
    assert two.arrive(13, (7, 1)) is Arrival.TAKE


def test_a_successor_takes_untouched_records_reports_claimed_ones_and_skips_settled_ones() -> None:
    one = ledger()
    for offset in range(10, 15):
        one.arrive(offset, (offset, 0))
    for offset in (11, 12, 13):
        one.claim(offset)
    one.settle(12)
    two = successor(one)
    assert [two.arrive(offset, (offset, 0)) for offset in range(10, 16)] == [
        Arrival.TAKE,
        Arrival.LOST,
        Arrival.SETTLED,
        Arrival.LOST,
        Arrival.TAKE,
        Arrival.TAKE,
    ]
    assert two.claimed == [11, 13]
    two.settle(11)
    two.settle(13)
    assert two.claimed == []


def test_the_committed_offset_is_that_of_the_first_record_that_is_not_settled() -> None:
    one = ledger()
    for offset in (10, 11, 12):
        one.arrive(offset, (offset, 0))
        one.claim(offset)
    one.settle(11)
    assert one.to_commit()[0] == 10
    one.settle(10)
    assert one.to_commit()[0] == 12
    assert one.span == 1
    one.settle(12)
    offset, claim, _ = one.to_commit()
    assert (offset, claim.states) == (13, b"")


def test_offsets_without_records_are_settled() -> None:
    one = ledger()
    one.arrive(10, (1, 0))
    one.arrive(14, (2, 0))
    assert one.untouched == [10, 14]
    one.settle(10)
    assert one.to_commit()[0] == 14


def test_to_settle_again_or_what_was_settled_long_ago_changes_nothing() -> None:
    one = ledger()
    one.arrive(10, (1, 0))
    one.settle(10)
    one.committed(one.to_commit()[2])
    for offset in (9, 10, 11):
        one.settle(offset)
    assert not one.dirty


def test_only_untouched_records_can_be_claimed() -> None:
    one = ledger()
    one.arrive(10, (1, 0))
    one.claim(10)
    for offset in (9, 10, 11):
        with pytest.raises(ValueError, match=f"record {offset} is not untouched"):
            one.claim(offset)


def test_what_changes_during_a_commit_is_dirty_after_it() -> None:
    one = ledger()
    for offset in (10, 11):
        one.arrive(offset, (offset, 0))
    one.claim(10)
    _, _, changes = one.to_commit()
    one.claim(11)
    one.committed(changes)
    assert one.dirty
    one.committed(one.to_commit()[2])
    assert not one.dirty


def test_records_that_were_only_read_need_no_commit() -> None:
    one = ledger()
    one.arrive(10, (1, 0))
    assert not one.dirty


@pytest.mark.parametrize("seed", range(20))
def test_the_widest_claim_fits_into_an_offset_s_metadata_whatever_its_states(seed: int) -> None:
    states = bytes(random.Random(seed).choices(list(RecordState), k=WINDOW + 500))
    claim = Claim(LOG_ID, "h" * 64 + "-4194304-ffffffff", (2**63, 2**31), states, "h" * 36)
    assert len(claim.encode()) < METADATA_BYTES * 0.8
    assert Claim.decode(claim.encode()) == claim


@pytest.mark.parametrize(
    "metadata",
    [
        "no json",
        "[]",
        "{}",
        '{"v":2}',
        '{"v":1,"log":"x","worker":"y","highest":null,"states":"?"}',
        '{"v":1,"log":"x","worker":"y","highest":null,"states":"eA=="}',
        '{"v":1,"log":"x","worker":"y","highest":[1],"states":"eJwDAAAAAAE="}',
        '{"v":1,"log":"x","worker":"y","highest":null,"states":"eJxjBgAABAAE"}',
    ],
)
def test_metadata_that_is_no_claim(metadata: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # each is wrong in its own way
        Claim.decode(metadata)
