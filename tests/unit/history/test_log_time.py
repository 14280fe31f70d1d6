"""Log time, as the contract defines it."""

from tests.history.log_time import HELD_BACK_MS, LogTime


def test_small_steps_back_are_held_and_large_ones_followed() -> None:
    clock = LogTime()
    steps = (10_000, 10_000 - HELD_BACK_MS, 10_001, 10_000 - HELD_BACK_MS)
    assert [clock.at(step) for step in steps] == [10_000, 10_000, 10_001, 10_000 - HELD_BACK_MS]
