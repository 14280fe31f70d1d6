"""Items go from one thread's event loop to another's in order, one at a time."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator

import pytest

from joblog.streams.faust_app.handover import Handover

ITEMS = 500
SECONDS = 10.0


@pytest.fixture
def giver() -> Iterator[asyncio.AbstractEventLoop]:
    """An event loop that runs in a thread of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield loop
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


@pytest.fixture
async def handover(giver: asyncio.AbstractEventLoop) -> AsyncIterator[Handover[int]]:
    async with asyncio.timeout(SECONDS):
        yield Handover(giver, asyncio.get_running_loop())


async def test_what_one_thread_gives_another_takes_in_order(
    giver: asyncio.AbstractEventLoop, handover: Handover[int]
) -> None:
    async def give() -> None:
        for number in range(ITEMS):
            await handover.room()
            handover.give(number)

    giving = asyncio.run_coroutine_threadsafe(give(), giver)
    assert [await handover.take() for _ in range(ITEMS)] == list(range(ITEMS))
    await asyncio.wrap_future(giving)


async def test_there_is_no_room_until_the_last_item_was_taken() -> None:
    loop = asyncio.get_running_loop()
    handover: Handover[int] = Handover(loop, loop)
    assert handover.has_room
    handover.give(1)
    assert not handover.has_room
    with pytest.raises(RuntimeError):
        handover.give(2)
    waiting = asyncio.create_task(handover.room())
    await asyncio.sleep(0)
    assert not waiting.done()
    assert await handover.take() == 1
    await waiting
    handover.give(2)
    assert await handover.take() == 2


async def test_who_is_cancelled_while_waiting_has_taken_nothing() -> None:
    loop = asyncio.get_running_loop()
    handover: Handover[int] = Handover(loop, loop)
    taking = asyncio.create_task(handover.take())
    await asyncio.sleep(0)
    taking.cancel()
    await asyncio.wait([taking])
    handover.give(1)
    assert await handover.take() == 1
