import pytest
from hypothesis import given
from hypothesis import strategies as st

from joblog.streams.settings import Settings
from joblog.supervisor.timing import Patience, Pauses, Timing

SLOW_MS = 600_000
TIMING = Timing(first_pause=1, longest_pause=8, stable=60, start=30, silence=10)


def test_pauses_double_up_to_the_longest() -> None:
    pauses = Pauses(TIMING)
    assert [pauses.after(0.1) for _ in range(6)] == [1, 2, 4, 8, 8, 8]


def test_a_stable_run_brings_the_first_pause_back() -> None:
    pauses = Pauses(TIMING)
    runs = (0.1, 0.1, 60, 0.1)
    assert [pauses.after(run) for run in runs] == [1, 2, 1, 2]


@given(runs=st.lists(st.floats(0, 1_000)))
def test_no_pause_is_shorter_than_the_first_or_longer_than_the_longest(runs: list[float]) -> None:
    pauses = Pauses(TIMING)
    assert all(1 <= pauses.after(run) <= 8 for run in runs)


def test_a_process_has_time_to_start_and_less_between_answers() -> None:
    patience = Patience(TIMING, started_at=100)
    assert not patience.is_over(129.9)
    assert patience.is_over(130)
    patience.answered(131)
    assert not patience.is_over(140.9)
    assert patience.is_over(141)


@pytest.mark.parametrize("component", ["scheduler", "delays", "worker"])
def test_processes_have_the_time_to_end_that_the_settings_give_them(component: str) -> None:
    slow = Settings.model_validate({component: {"shutdown_grace_ms": SLOW_MS}})
    assert Timing.of(slow).grace > SLOW_MS / 1_000
    assert Timing.of(Settings()).grace < 60
