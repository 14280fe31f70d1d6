"""Few cycles begin at once; what comes while they run begins together once they are done."""

import asyncio

from joblog.streams.faust_app.rounds import AT_ONCE, Rounds
from tests.unit.faust_app.fakes import drain, fill, settle

LONG = 60.0
SECONDS = 10.0


def waiting(rounds: Rounds, cycles: int = 1) -> list["asyncio.Task[None]"]:
    return [asyncio.create_task(rounds.begin()) for _ in range(cycles)]


async def test_what_waits_begins_together_once_all_that_runs_is_done() -> None:
    rounds = Rounds(LONG)
    await fill(rounds)
    tasks = waiting(rounds, 30)
    await settle()
    drain(rounds, AT_ONCE - 1)
    await settle()
    assert not any(task.done() for task in tasks)
    rounds.end()
    await settle()
    assert all(task.done() for task in tasks)
    [late] = waiting(rounds)
    for _ in tasks:
        assert not late.done()
        rounds.end()
    await settle()
    assert late.done()


async def test_what_comes_while_others_wait_waits_with_them() -> None:
    rounds = Rounds(LONG)
    await fill(rounds)
    [early] = waiting(rounds)
    await settle()
    rounds.end()
    [late] = waiting(rounds)
    await settle()
    assert not late.done()
    drain(rounds, AT_ONCE - 1)
    await settle()
    assert early.done()
    assert late.done()


async def test_nobody_waits_longer_than_its_patience() -> None:
    rounds = Rounds(0.01)
    await fill(rounds)
    async with asyncio.timeout(SECONDS):
        await asyncio.gather(*waiting(rounds, 3))


async def test_one_that_is_cancelled_while_it_waits_holds_nobody_up() -> None:
    rounds = Rounds(LONG)
    await fill(rounds)
    first, second = waiting(rounds, 2)
    await settle()
    first.cancel()
    drain(rounds)
    await settle()
    assert first.cancelled()
    assert second.done()
    await fill(rounds, AT_ONCE - 1)  # beside the second
    [late] = waiting(rounds)
    await settle()
    assert not late.done()
    late.cancel()


async def test_the_end_of_a_patience_does_not_open_a_later_round() -> None:
    rounds = Rounds(0.05)
    await fill(rounds)
    [first] = waiting(rounds)
    await settle()
    drain(rounds)
    await settle()
    assert first.done()
    await fill(rounds, AT_ONCE - 1)
    clock = asyncio.get_running_loop().time
    begun = clock()
    await fill(rounds, 1)
    assert clock() - begun >= 0.04
