"""One partition from open to close."""

import asyncio

import pytest

from joblog.streams.faust_app.errors import PartitionEndedError
from joblog.streams.faust_app.partition import PartitionTask
from joblog.streams.faust_app.rounds import Rounds
from tests.unit.faust_app.fakes import Exits, FakeOwner, batch, drain, fill, settle

MAX_BATCH = 4
LONG = 60.0


class Setting:
    """A partition task and what is around it."""

    def __init__(self) -> None:
        self.owner = FakeOwner(position=10)
        self.begun: list[tuple[int, int]] = []
        self.exits = Exits()
        self.taken = 0
        self.rounds = Rounds(LONG)
        self.task = PartitionTask(
            0,
            self.owner,
            self._begin,
            self._took,
            MAX_BATCH,
            self.rounds,
            self.exits.fail_stop,
        )

    async def _begin(self, partition: int, position: int) -> None:
        self.begun.append((partition, position))

    def _took(self, partition: int) -> None:
        assert partition == 0
        self.taken += 1


async def test_fetching_begins_where_the_owner_says() -> None:
    setting = Setting()
    setting.owner.gates["open"].clear()
    await settle()
    assert setting.begun == []
    setting.owner.gates["open"].set()
    await settle()
    assert setting.begun == [(0, 10)]
    await setting.task.close()


async def test_what_gathers_while_the_owner_works_comes_in_the_largest_allowed_batches() -> None:
    setting = Setting()
    setting.owner.gates["process"].clear()
    setting.task.put(batch(10))
    await settle()
    for offset in range(11, 18):
        setting.task.put(batch(offset))
    setting.task.put(batch(*range(18, 24)))
    setting.owner.gates["process"].set()
    await settle()
    assert setting.owner.batches == [
        [10],
        [11, 12, 13, 14],
        [15, 16, 17, 18],
        [19, 20, 21, 22],
        [23],
    ]
    assert setting.taken == 5
    await setting.task.close()


async def test_bytes_that_wait_are_counted() -> None:
    setting = Setting()
    setting.owner.gates["process"].clear()
    setting.task.put(batch(10, value=b"x" * 7))
    await settle()
    setting.task.put(batch(11, 12, value=b"x" * 5))
    assert setting.task.waiting_bytes == 10
    setting.owner.gates["process"].set()
    await settle()
    assert setting.task.waiting_bytes == 0
    await setting.task.close()


async def test_what_waits_for_a_round_gathers_and_closing_drops_it() -> None:
    setting = Setting()
    await fill(setting.rounds)
    setting.task.put(batch(10))
    await settle()
    setting.task.put(batch(11))
    drain(setting.rounds)
    await settle()
    assert setting.owner.batches == [[10, 11]]
    await fill(setting.rounds)
    setting.task.put(batch(12))
    await settle()
    await setting.task.close()
    assert setting.owner.batches == [[10, 11]]


async def test_closing_lets_the_present_batch_finish_and_drops_the_rest() -> None:
    setting = Setting()
    setting.owner.gates["process"].clear()
    setting.task.put(batch(10))
    await settle()
    setting.task.put(batch(11))
    closing = asyncio.create_task(setting.task.close())
    await settle()
    assert not closing.done()
    setting.owner.gates["process"].set()
    await closing
    assert setting.owner.calls[-1] == ("close", 0)
    assert setting.owner.batches == [[10]]
    assert setting.exits.codes == []


async def test_closing_cancels_an_owner_that_still_opens() -> None:
    setting = Setting()
    setting.owner.gates["open"].clear()
    await settle()
    await setting.task.close()
    assert setting.owner.calls == [("open", 0), ("close", 0)]
    assert setting.begun == []
    assert setting.exits.codes == []


@pytest.mark.parametrize("where", ["open", "process", "close"])
async def test_whatever_the_owner_raises_ends_the_process(where: str) -> None:
    setting = Setting()
    error = ValueError("ill")
    setting.owner.raises[where] = error
    setting.task.put(batch(10))
    setting.task.put(batch(11))
    await settle()
    if where == "close":
        with pytest.raises(ValueError, match="ill"):
            await setting.task.close()
    assert setting.exits.codes == [1]
    assert setting.exits.reason is error
    assert len(setting.owner.batches) <= 1


async def test_an_owner_that_cancels_itself_is_not_lost() -> None:
    setting = Setting()
    setting.owner.raises["process"] = asyncio.CancelledError()
    setting.task.put(batch(10))
    await settle()
    assert setting.exits.codes == [1]
    assert isinstance(setting.exits.reason, PartitionEndedError)


async def test_after_a_failure_elsewhere_nothing_more_is_processed() -> None:
    setting = Setting()
    setting.owner.gates["process"].clear()
    setting.task.put(batch(10))
    await settle()
    setting.task.put(batch(11))
    setting.exits.fail_stop.fail("another partition", ValueError("ill"))
    setting.owner.gates["process"].set()
    await settle()
    assert setting.owner.batches == [[10]]
    assert setting.exits.codes == [1]
