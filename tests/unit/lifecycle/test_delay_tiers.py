"""A record waits in the longest tier that is not too long."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from joblog.lifecycle.delays import TIERS, tier_for


@pytest.mark.parametrize(
    ("remaining_ms", "name"),
    [
        (-1, "now"),
        (0, "now"),
        (999, "now"),
        (1_000, "1s"),
        (9_999, "1s"),
        (10_000, "10s"),
        (3_600_000, "1h"),
        (86_399_999, "6h"),
        (86_400_000, "1d"),
        (30 * 86_400_000, "7d"),
    ],
)
def test_the_tier_is_the_longest_that_fits(remaining_ms: int, name: str) -> None:
    assert tier_for(remaining_ms).name == name


@given(st.integers(0, 30 * 86_400_000))
def test_thirty_days_take_few_hops_and_never_too_long(remaining_ms: int) -> None:
    hops = 0
    while (tier := tier_for(remaining_ms)).wait_ms:
        remaining_ms -= tier.wait_ms
        hops += 1
    assert 0 <= remaining_ms < 1_000
    assert hops < 50


def test_tiers_ascend_and_begin_with_none() -> None:
    waits = [tier.wait_ms for tier in TIERS]
    assert waits[0] == 0
    assert waits == sorted(set(waits))
