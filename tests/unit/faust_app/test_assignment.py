"""The partitions of one generation."""

import asyncio

import pytest

from joblog.streams.faust_app.assignment import WAITING_BYTES, Acknowledge, Assignment
from joblog.streams.faust_app.errors import AcknowledgementError, DeliveryGapError
from joblog.streams.settings import SchedulerSettings
from tests.unit.faust_app.fakes import Exits, FakeOwner, FakeSource, batch, settle

GENERATION = 1
LIMIT = 10


class Setting:
    """An assignment and what is around it."""

    def __init__(self, *partitions: int, position: int = 0) -> None:
        self.owner = FakeOwner(position)
        self.source = FakeSource()
        self.exits = Exits()
        self.assignment = Assignment(
            GENERATION,
            partitions or (0,),
            self._make_owner,
            self.source,
            SchedulerSettings(max_records_in_flight=LIMIT, max_batch_records=5),
            self.exits.fail_stop,
        )

    def _make_owner(self, acknowledge: Acknowledge) -> FakeOwner:
        self.acknowledge = acknowledge
        return self.owner


async def test_partitions_are_opened_at_once_and_begun_one_by_one() -> None:
    setting = Setting(2, 0, 1, position=7)
    setting.owner.gates["open"].clear()
    await settle()
    assert setting.owner.calls == [("open", 0), ("open", 1), ("open", 2)]
    assert not setting.assignment.ready
    setting.owner.gates["open"].set()
    await settle()
    assert setting.source.calls == [("begin", GENERATION, p, 7) for p in (0, 1, 2)]
    assert setting.assignment.ready


async def test_what_was_acknowledged_is_committed_once() -> None:
    setting = Setting(0, 1)
    await settle()
    setting.assignment.deliver(batch(0, 1, 2))
    assert not await setting.assignment.commit()
    setting.acknowledge(0, 1)
    assert await setting.assignment.commit()
    assert not await setting.assignment.commit()
    assert setting.source.commits == [{0: 2}]


async def test_a_commit_that_the_group_did_not_take_is_not_counted() -> None:
    setting = Setting()
    await settle()
    setting.assignment.deliver(batch(0, 1, 2))
    setting.acknowledge(0, 1)
    setting.source.answers = [False]
    assert not await setting.assignment.commit()
    assert await setting.assignment.commit()
    assert setting.source.commits == [{0: 2}, {0: 2}]


async def test_a_commit_that_fails_ends_the_process() -> None:
    setting = Setting()
    await settle()
    setting.assignment.deliver(batch(0, 1, 2))
    setting.acknowledge(0, 1)
    setting.source.answers = [ValueError("not authorized")]
    with pytest.raises(ValueError, match="not authorized"):
        await setting.assignment.commit()
    assert setting.exits.codes == [1]
    assert not await setting.assignment.commit()
    assert len(setting.source.commits) == 1


async def test_fetching_pauses_at_the_limit_and_resumes_at_half_of_it() -> None:
    setting = Setting()
    await settle()
    setting.source.calls.clear()
    setting.assignment.deliver(batch(*range(9)))
    assert setting.source.calls == []
    setting.assignment.deliver(batch(9, 10))
    setting.assignment.deliver(batch(11, 12))
    assert setting.source.calls == [("pause", GENERATION, 0)]
    setting.acknowledge(0, 6)
    assert setting.source.calls == [("pause", GENERATION, 0)]
    setting.acknowledge(0, 7)
    assert setting.source.calls == [("pause", GENERATION, 0), ("resume", GENERATION, 0)]
    await settle()
    assert [offset for offsets in setting.owner.batches for offset in offsets] == list(range(13))


async def test_large_records_that_wait_pause_fetching_too() -> None:
    setting = Setting()
    await settle()
    setting.source.calls.clear()
    setting.owner.gates["process"].clear()
    setting.assignment.deliver(batch(0, value=bytes(WAITING_BYTES)))
    await settle()
    setting.assignment.deliver(batch(1, value=bytes(WAITING_BYTES)))
    assert setting.source.calls == [
        ("pause", GENERATION, 0),
        ("resume", GENERATION, 0),
        ("pause", GENERATION, 0),
    ]
    setting.owner.gates["process"].set()
    await settle()
    assert setting.source.calls[-1] == ("resume", GENERATION, 0)


async def test_batches_of_another_generation_are_dropped() -> None:
    setting = Setting()
    await settle()
    setting.assignment.deliver(batch(0, 1, generation=GENERATION - 1))
    setting.assignment.deliver(batch(0))
    await settle()
    assert setting.owner.batches == [[0]]


async def test_after_closing_nothing_is_delivered_or_acknowledged() -> None:
    setting = Setting(0, 1)
    await settle()
    setting.assignment.deliver(batch(0, 1, 2))
    await settle()
    setting.acknowledge(0, 0)
    await setting.assignment.close()
    setting.acknowledge(0, 2)
    setting.assignment.deliver(batch(3))
    await settle()
    assert setting.owner.batches == [[0, 1, 2]]
    await setting.assignment.commit()
    assert setting.source.commits == [{0: 1}]


async def test_an_owner_may_acknowledge_while_it_closes() -> None:
    setting = Setting()
    await settle()
    setting.assignment.deliver(batch(0, 1, 2))
    await settle()
    setting.owner.gates["close"].clear()
    closing = asyncio.create_task(setting.assignment.close())
    await settle()
    setting.acknowledge(0, 2)
    setting.owner.gates["close"].set()
    await closing
    await setting.assignment.commit()
    assert setting.source.commits == [{0: 3}]


async def test_partitions_are_closed_once_and_together() -> None:
    setting = Setting(0, 1)
    await settle()
    setting.owner.gates["close"].clear()
    closings = [asyncio.create_task(setting.assignment.close()) for _ in range(2)]
    await settle()
    assert setting.owner.calls[2:] == [("close", 0), ("close", 1)]
    setting.owner.gates["close"].set()
    await asyncio.gather(*closings)
    assert setting.owner.calls[2:] == [("close", 0), ("close", 1)]


async def test_after_a_failure_nothing_is_committed_or_delivered() -> None:
    setting = Setting(0, 1)
    await settle()
    setting.assignment.deliver(batch(0, 1, 2))
    setting.acknowledge(0, 2)
    setting.exits.fail_stop.fail("something", ValueError("ill"))
    assert not await setting.assignment.commit()
    assert setting.source.commits == []
    setting.assignment.deliver(batch(0, partition=1))
    await settle()
    assert ("process", 1, [0]) not in setting.owner.calls


async def test_a_lost_batch_ends_the_process() -> None:
    setting = Setting()
    await settle()
    setting.assignment.deliver(batch(0, 1))
    with pytest.raises(DeliveryGapError):
        setting.assignment.deliver(batch(4))
    assert setting.exits.codes == [1]


async def test_acknowledging_what_was_not_delivered_is_an_error_of_the_owner() -> None:
    setting = Setting()
    await settle()
    with pytest.raises(AcknowledgementError):
        setting.acknowledge(0, 0)
