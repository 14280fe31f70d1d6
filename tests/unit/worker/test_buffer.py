"""The buffer hands out attempts by priority and age, and only those that have a place to run in."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from joblog.processors.worker.attempt import Attempt
from joblog.processors.worker.buffer import PriorityBuffer
from joblog.processors.worker.handlers import ASYNC, PROCESS, THREAD, RunIn
from tests.unit.worker.making import attempt, dispatch

TYPES: dict[RunIn, str] = {ASYNC: "echo", THREAD: "echo.thread", PROCESS: "pid"}
EVERYWHERE = list(TYPES)


def made(offset: int, priority: int = 4, run_in: RunIn = ASYNC, **fields: Any) -> Attempt:  # noqa: ANN401
    event = dispatch(TYPES[run_in], n=offset, priority=priority, **fields)
    return attempt(event, offset)


@given(st.lists(st.tuples(st.integers(0, 9), st.sampled_from(EVERYWHERE))), st.data())
def test_highest_priority_first_then_oldest_among_those_that_can_run(
    waiting: list[tuple[int, RunIn]], data: st.DataObject
) -> None:
    buffer = PriorityBuffer(1_000)
    expected = []
    for offset, (priority, run_in) in enumerate(waiting):
        one = made(offset, priority, run_in)
        buffer.push(one)
        expected.append((-priority, offset, run_in, one))
    while expected:
        places = data.draw(st.sets(st.sampled_from(EVERYWHERE)))
        able = sorted(entry[:2] for entry in expected if entry[2] in places)
        popped = buffer.pop(places)
        if not able:
            assert popped is None
            assert buffer.pop(EVERYWHERE) is min(expected, key=lambda entry: entry[:2])[3]
            expected.remove(min(expected, key=lambda entry: entry[:2]))
            continue
        [first] = [entry for entry in expected if entry[:2] == able[0]]
        assert popped is first[3]
        expected.remove(first)
    assert len(buffer) == 0


def test_it_is_full_at_its_number_of_attempts_and_held_ones_count() -> None:
    buffer = PriorityBuffer(3)
    assert buffer.room == 3
    buffer.push(made(0))
    assert buffer.room == 2
    buffer.held = 5
    assert buffer.room == 0
    buffer.held = 0
    buffer.pop(EVERYWHERE)
    assert buffer.room == 3


def test_it_is_full_at_its_bytes() -> None:
    buffer = PriorityBuffer(100, most_bytes=1_000)
    buffer.push(made(0, payload=bytes(500)))
    assert buffer.room == 99
    buffer.push(made(1, payload=bytes(500)))
    assert buffer.room == 0
    buffer.pop(EVERYWHERE)
    assert buffer.room == 99


def test_what_is_dropped_is_gone_and_the_rest_keeps_its_order() -> None:
    buffer = PriorityBuffer(100, most_bytes=1_000)
    attempts = [made(offset, priority=offset % 3, payload=bytes(300)) for offset in range(9)]
    for one in attempts:
        buffer.push(one)
    dropped = attempts[1:8]
    assert set(buffer.drop(lambda one: one in dropped)) == set(dropped)
    assert len(buffer) == 2
    assert buffer.room == 98
    assert [buffer.pop(EVERYWHERE), buffer.pop(EVERYWHERE)] == [attempts[8], attempts[0]]


def test_an_isolated_attempt_runs_in_a_process_whatever_its_handler_says() -> None:
    assert made(0).run_in == ASYNC
    assert made(0, isolated=True).run_in == PROCESS
    assert attempt(dispatch("nobody has this", isolated=True), handler=None).run_in == ASYNC
