"""The checker and the scheduler read the contract alike, though they share no code."""

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.history.check import Violation, check
from tests.unit.history.busy import BusyHistory
from tests.unit.history.folded import WholeLog
from tests.unit.lifecycle.histories import histories, play

MAY_BREAK = {"jobs_were_read", "submissions_have_one_outcome", "attempts_are_lost_only_by_faults"}
"""Rules that histories break which are cut short, and lose attempts for no reason."""


WITHOUT_LOSSES = histories.map(
    lambda history: [action for action in history if action[0] != "topic"]
)
"""The checker judges what became of lost topics, not with which tick each of their jobs came."""


@given(WITHOUT_LOSSES)
def test_whatever_others_write_the_scheduler_breaks_no_rule(
    history: list[tuple[object, ...]],
) -> None:
    log = WholeLog()
    play(log, history)
    assert _unexpected(log) == []


@settings(max_examples=75)
@given(st.integers(0, 2**32))
def test_however_busy_the_log_is_the_scheduler_breaks_no_rule(seed: int) -> None:
    log = WholeLog()
    BusyHistory(log, Random(seed)).run()
    assert _unexpected(log) == []


def _unexpected(log: WholeLog) -> list[Violation]:
    return [found for found in check(log.history(), None, None) if found.rule not in MAY_BREAK]
