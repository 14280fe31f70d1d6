"""Attempts give signs of life when they are due: short ones none, long ones regularly."""

from hypothesis import given
from hypothesis import strategies as st

from joblog.processors.worker.leases import Leases, Sign


def test_a_short_attempt_gives_no_sign() -> None:
    leases: Leases[str] = Leases(2_000, 10_000)
    leases.begin("a", 0)
    assert leases.due(1_999) == []
    leases.end("a")
    assert leases.due(100_000) == []


def test_a_long_attempt_starts_and_then_beats() -> None:
    leases: Leases[str] = Leases(2_000, 10_000)
    leases.begin("a", 0)
    assert leases.due(2_000) == [Sign("a", started=True)]
    assert leases.is_leased("a")
    assert leases.due(11_999) == []
    assert leases.due(12_000) == [Sign("a", started=False)]
    assert leases.due(12_001) == []
    assert leases.due(30_000) == [Sign("a", started=False)]


def test_what_a_handler_tells_goes_with_the_next_heartbeat_once() -> None:
    leases: Leases[str] = Leases(2_000, 10_000)
    leases.begin("a", 0)
    leases.tell("a", 0.1, "early")
    leases.due(2_000)
    leases.tell("a", 0.5, "half")
    leases.tell("a", 0.6, "more")
    assert leases.due(12_000) == [Sign("a", started=False, progress=0.6, message="more")]
    assert leases.due(22_000) == [Sign("a", started=False)]


def test_what_is_told_after_the_end_is_not_kept() -> None:
    leases: Leases[str] = Leases(2_000, 10_000)
    leases.begin("a", 0)
    leases.end("a")
    leases.tell("a", 0.5, None)
    leases.begin("a", 0)
    leases.due(2_000)
    assert leases.due(12_000) == [Sign("a", started=False)]


def test_an_attempt_can_start_ahead_of_its_time_and_only_once() -> None:
    leases: Leases[str] = Leases(2_000, 10_000)
    leases.begin("a", 0)
    assert leases.start("a", 100) == Sign("a", started=True)
    assert leases.start("a", 200) is None
    assert leases.start("nobody", 200) is None
    assert leases.due(2_000) == []
    assert leases.due(10_100) == [Sign("a", started=False)]


@given(
    st.lists(st.tuples(st.sampled_from("abcdef"), st.booleans(), st.integers(1, 3_000))),
    st.integers(1, 3_000),
    st.integers(1, 3_000),
)
def test_no_sign_is_early_and_none_is_late(
    steps: list[tuple[str, bool, int]], started_after: int, heartbeat: int
) -> None:
    leases: Leases[str] = Leases(started_after, heartbeat)
    now, due = 0, dict[str, int]()
    for attempt, begins, wait in steps:
        if begins and attempt not in due:
            leases.begin(attempt, now)
            due[attempt] = now + started_after
        elif attempt in due:
            leases.end(attempt)
            del due[attempt]
        now += wait
        signs = {sign.attempt for sign in leases.due(now)}
        assert signs == {one for one, moment in due.items() if moment <= now}
        for one in signs:
            due[one] = now + heartbeat
