"""How far ahead attempts are claimed follows from how long commits take and how long attempts run."""

import pytest

from joblog.processors.worker.handlers import ASYNC, PROCESS, RunIn
from joblog.processors.worker.pace import MARGIN, Pace
from joblog.processors.worker.slots import MOST_AHEAD, Slots

COMMITS = 100
CONCURRENCY = 200


def paced(slots: Slots, seconds: float, commit: float, every: float, kind: RunIn = ASYNC) -> int:
    """Let all places run attempts of so many seconds, with a commit now and then, and return what is ahead."""
    pace, now, freed = Pace(slots, 0.0), 0.0, 0.0
    for _ in range(COMMITS):
        freed += every * slots.kinds[kind].most / seconds
        slots.kinds[kind].freed = int(freed)
        now += every
        pace.committed(now - commit, now)
    return slots.kinds[kind].ahead


@pytest.mark.parametrize(
    ("seconds", "commit", "ahead"),
    [
        pytest.param(0.05, 0.001, 32, id="short attempts"),
        pytest.param(0.05, 0.0025, 80, id="the same with slower commits"),
        pytest.param(0.05, 0.05, 150, id="never more than three quarters of the places"),
        pytest.param(1.0, 0.005, 8, id="attempts of a second"),
        pytest.param(60.0, 0.005, 0, id="attempts of a minute"),
    ],
)
def test_as_many_are_claimed_ahead_as_begin_in_the_time_of_some_commits(
    seconds: float, commit: float, ahead: int
) -> None:
    slots = Slots({ASYNC: CONCURRENCY}, CONCURRENCY)
    begin_in_a_commit = CONCURRENCY / seconds * commit
    assert min(round(MARGIN * begin_in_a_commit), MOST_AHEAD * CONCURRENCY) == ahead
    assert paced(slots, seconds, commit, every=0.06) == pytest.approx(ahead, abs=1)


@pytest.mark.parametrize(
    ("seconds", "ahead"),
    [
        pytest.param(0.2, 1, id="a hundredth of the time would be lost"),
        pytest.param(1.0, 0, id="less would be lost"),
    ],
)
def test_few_places_have_one_claimed_ahead_where_they_would_stand_empty_for_long(
    seconds: float, ahead: int
) -> None:
    slots = Slots({ASYNC: CONCURRENCY, PROCESS: 2}, CONCURRENCY)
    assert paced(slots, seconds, 0.004, every=seconds / 2, kind=PROCESS) == ahead
    assert slots.kinds[ASYNC].ahead == 0


def test_one_place_claims_nothing_ahead() -> None:
    assert paced(Slots({ASYNC: 1}, 1), 0.05, 0.05, every=0.06) == 0


def test_nothing_is_claimed_ahead_before_the_first_commit() -> None:
    slots = Slots({ASYNC: CONCURRENCY}, CONCURRENCY)
    Pace(slots, 5.0).committed(5.0, 5.0)
    assert slots.kinds[ASYNC].ahead == 0


def test_attempts_that_become_slow_are_soon_claimed_ahead_no_more() -> None:
    slots = Slots({ASYNC: CONCURRENCY}, CONCURRENCY)
    pace, now = Pace(slots, 0.0), 0.0
    for _ in range(COMMITS):
        now += 0.01
        slots.kinds[ASYNC].freed += 40
        pace.committed(now - 0.005, now)
    assert slots.kinds[ASYNC].ahead > 0
    for _ in range(COMMITS):
        now += 0.1
        pace.committed(now - 0.005, now)
    assert slots.kinds[ASYNC].ahead == 0
