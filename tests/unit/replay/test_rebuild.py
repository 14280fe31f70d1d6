"""A log is folded as far as it can be read, and never as if it were whole when it is not."""

from pathlib import Path

import pytest
from aiokafka import TopicPartition

from joblog.processors.replay import rebuild
from joblog.processors.replay.errors import LogCutError
from joblog.processors.replay.rebuild import Rebuild
from joblog.processors.replay.rows import position_of
from joblog.schemas.codec import Codec
from joblog.schemas.models import Tick
from joblog.streams.settings import Settings
from joblog.streams.store import state_digest
from tests.unit.log_reader import FakeTopics

EVENTS = TopicPartition("t.events", 0)
TICK = Codec().encode(Tick(event_id="t", time=1))


@pytest.fixture
def topics(monkeypatch: pytest.MonkeyPatch) -> FakeTopics:
    made = FakeTopics()
    monkeypatch.setattr(rebuild, "LogReader", made)
    for _ in range(3):
        made.put(EVENTS, TICK)
    return made


@pytest.fixture
def rebuilding(tmp_path: Path, topics: FakeTopics) -> Rebuild:  # noqa: ARG001 - reads from them
    return Rebuild(Settings(namespace="t", partitions=1), tmp_path)


async def replayed(rebuilding: Rebuild) -> int:
    ends = await rebuilding.ends()
    local = await rebuilding.partition(0, ends[0])
    try:
        return position_of(local)
    finally:
        local.close()


async def test_a_log_that_ends_in_a_transaction_s_marker_is_whole(
    topics: FakeTopics, rebuilding: Rebuild
) -> None:
    topics.put_marker(EVENTS)
    assert await replayed(rebuilding) == 2


async def test_a_log_of_nothing_but_a_marker_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    topics = FakeTopics()
    topics.put_marker(EVENTS)
    monkeypatch.setattr(rebuild, "LogReader", topics)
    assert await replayed(Rebuild(Settings(namespace="t", partitions=1), tmp_path)) == -1


async def test_what_comes_later_is_not_folded(topics: FakeTopics, rebuilding: Rebuild) -> None:
    end = (await rebuilding.ends())[0]
    before = await rebuilding.partition(0, end)
    topics.put_marker(EVENTS)
    topics.put(EVENTS, TICK)
    for attempt, until in enumerate((end, end + 1), 1):
        local = await rebuilding.partition(0, until, attempt)
        assert (position_of(local), state_digest(local)) == (end - 1, state_digest(before))
        local.close()
    before.close()


async def test_it_is_folded_up_to_a_record_and_no_further(
    topics: FakeTopics, rebuilding: Rebuild
) -> None:
    topics.put_marker(EVENTS)
    for attempt, offset in enumerate((-1, 0, 2)):
        local = await rebuilding.up_to(0, offset, attempt)
        assert position_of(local) == offset
        local.close()


async def test_a_log_that_ends_before_what_is_needed_is_cut(
    topics: FakeTopics, rebuilding: Rebuild
) -> None:
    with pytest.raises(LogCutError, match="ends before offset 3, but its records from offset 3"):
        await rebuilding.up_to(0, 3)
    with pytest.raises(LogCutError, match="ends before offset 3"):
        await rebuilding.partition(0, 4, 1)
    topics.put_marker(EVENTS)
    with pytest.raises(LogCutError, match="ends at offset 2, but its records from offset 3"):
        await rebuilding.up_to(0, 3, 2)


async def test_a_log_without_its_beginning_is_cut(topics: FakeTopics, rebuilding: Rebuild) -> None:
    topics.cut[EVENTS] = 1
    with pytest.raises(LogCutError, match="begins at offset 1"):
        await rebuilding.partition(0, 3)
