"""Log time is the LogAppendTime of the records, made monotone."""

from hypothesis import given
from hypothesis import strategies as st

from joblog.lifecycle.partition.clock import HELD_BACK_MS, LogClock
from tests.unit.lifecycle.partition_log import START, PartitionLog


def test_it_follows_the_records() -> None:
    log = PartitionLog()
    log.tick(after_ms=1_234)
    assert log.fold.now == START + 1_234


def test_small_steps_back_are_held() -> None:
    log = PartitionLog()
    log.tick(after_ms=-HELD_BACK_MS)
    assert (log.fold.now, log.fold.steps_back) == (START, 0)
    log.tick(after_ms=HELD_BACK_MS + 1)
    assert log.fold.now == START + 1


def test_larger_ones_are_followed_and_counted() -> None:
    log = PartitionLog()
    log.tick(after_ms=-HELD_BACK_MS - 1)
    assert (log.fold.now, log.fold.steps_back) == (START - HELD_BACK_MS - 1, 1)


def test_it_outlives_the_owner() -> None:
    log = PartitionLog()
    log.tick(after_ms=10_000)
    log.now -= 3_000
    log.reopen()
    assert log.fold.now == START + 10_000
    log.tick()
    assert log.fold.now == START + 10_000


def test_many_small_steps_back_are_held_together() -> None:
    clock = LogClock(100_000)
    for timestamp in (98_000, 96_000, 95_000):
        clock.advance(timestamp)
    assert clock.now == 100_000
    clock.advance(94_999)
    assert (clock.now, clock.steps_back) == (94_999, 1)


@given(st.lists(st.integers(0, 30_000)))
def test_it_goes_back_only_where_it_counts_that(timestamps: list[int]) -> None:
    clock = LogClock(0)
    for timestamp in timestamps:
        before, steps = clock.now, clock.steps_back
        clock.advance(timestamp)
        assert (clock.now < before) == (clock.steps_back > steps)
        assert 0 <= clock.now - timestamp <= HELD_BACK_MS
