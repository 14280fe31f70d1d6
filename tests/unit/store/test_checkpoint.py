"""When local state may be brought up to date, and when it has to be rebuilt."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from joblog.streams.store.changelog import Tail
from joblog.streams.store.checkpoint import Checkpoint, why_unusable

CHECKPOINT = Checkpoint("1", 1_000, {"jobs": Tail(7, b"7"), "log": Tail(3, b"3")})
ENDS = {"jobs": 8, "log": 4}


def reason(
    checkpoint: Checkpoint = CHECKPOINT,
    *,
    version: str = "1",
    now: int = 1_000,
    ends: dict[str, int] = ENDS,
) -> str | None:
    return why_unusable(checkpoint, version=version, now=now, most_age_ms=50, ends=ends)


@pytest.mark.parametrize("now", [950, 1_000, 1_050])
def test_state_up_to_a_certain_age_is_usable(now: int) -> None:
    assert reason(now=now) is None


@pytest.mark.parametrize("now", [949, 1_051])
def test_state_of_another_age_is_not_usable(now: int) -> None:
    assert "51 ms old" in str(reason(now=now))


def test_state_that_never_had_a_record_is_usable_at_any_end() -> None:
    assert reason(CHECKPOINT._replace(tails={})) is None


def test_state_of_another_version_is_not_usable() -> None:
    assert "version 1, and 2 is needed" in str(reason(version="2"))


@pytest.mark.parametrize("ends", [{"jobs": 7, "log": 4}, {"jobs": 0, "log": 4}])
def test_state_ahead_of_its_changelog_is_not_usable(ends: dict[str, int]) -> None:
    assert f"offset 7 of jobs, which ends at {ends['jobs']}" in str(reason(ends=ends))


def test_state_that_follows_another_topic_is_not_usable() -> None:
    assert "log, which is not its changelog" in str(reason(ends={"jobs": 8, "other": 4}))


@given(
    st.builds(
        Checkpoint,
        st.text(),
        st.integers(),
        st.dictionaries(st.text(), st.builds(Tail, st.integers(min_value=0), st.binary())),
    )
)
def test_a_checkpoint_is_read_as_it_was_written(checkpoint: Checkpoint) -> None:
    assert Checkpoint.decode(checkpoint.encode()) == checkpoint
