"""What is read in which generation, where timing decides."""

import asyncio
from collections.abc import Set as AbstractSet
from typing import Any, cast

import pytest
from aiokafka.errors import OffsetOutOfRangeError
from aiokafka.structs import ConsumerRecord, TopicPartition

from joblog.streams.faust_app.errors import PositionOutsideLogError
from joblog.streams.faust_app.group_consumer import GroupConsumer
from joblog.streams.faust_app.reader import BatchReader

PARTITION = TopicPartition("events", 3)
START, END = 5, 10


class FakeConsumer:
    """Has partitions from START to END and hands out what a test put in."""

    def __init__(self) -> None:
        self.calls: list[tuple[object, ...]] = []
        self.answers = asyncio.Event()
        self.answers.set()
        self.fetched: dict[TopicPartition, list[ConsumerRecord[Any, Any]]] = {}
        self.arrives: dict[TopicPartition, list[ConsumerRecord[Any, Any]]] = {}
        self.error: Exception | None = None

    async def bounds(self, _: TopicPartition) -> tuple[int, int]:
        await self.answers.wait()
        return START, END

    def start_generation(self) -> None:
        self.calls.clear()

    def begin(self, partition: TopicPartition, position: int) -> None:
        self.calls.append(("begin", partition, position))

    def hold(self, partition: TopicPartition) -> None:
        self.calls.append(("hold", partition))

    def release(self, partition: TopicPartition) -> None:
        self.calls.append(("release", partition))

    async def take(
        self, partitions: AbstractSet[TopicPartition]
    ) -> dict[TopicPartition, list[ConsumerRecord[Any, Any]]]:
        if self.error:
            raise self.error
        return {p: self.fetched.pop(p) for p in list(self.fetched) if p in partitions}

    async def arrival(self, timeout: float) -> None:
        del timeout
        self.fetched |= self.arrives


class Taker:
    """Takes what was read, where a test lets it."""

    def __init__(self) -> None:
        self.taken = asyncio.Event()
        self.taken.set()

    @property
    def has_room(self) -> bool:
        return self.taken.is_set()

    async def room(self) -> None:
        await self.taken.wait()


def reader_over(consumer: FakeConsumer) -> BatchReader:
    return BatchReader(cast("GroupConsumer", consumer))


def record(offset: int, value: bytes | None = b"value") -> ConsumerRecord[Any, Any]:
    return ConsumerRecord(*PARTITION, offset, 0, 1, None, value, None, 0, 0, ())


@pytest.mark.parametrize("position", [START, END])
async def test_reading_begins_at_a_position_in_the_log(position: int) -> None:
    consumer = FakeConsumer()
    reader = reader_over(consumer)
    reader.start_generation(7)
    await reader.begin(7, PARTITION, position)
    assert consumer.calls == [("begin", PARTITION, position)]


@pytest.mark.parametrize("position", [START - 1, END + 1])
async def test_a_position_outside_of_the_log_is_refused(position: int) -> None:
    consumer = FakeConsumer()
    reader = reader_over(consumer)
    reader.start_generation(7)
    with pytest.raises(PositionOutsideLogError) as raised:
        await reader.begin(7, PARTITION, position)
    assert vars(raised.value) == {
        "topic": "events",
        "partition": 3,
        "position": position,
        "start": START,
        "end": END,
    }
    assert consumer.calls == []


async def test_a_log_that_lost_the_position_is_told_apart() -> None:
    consumer = FakeConsumer()
    consumer.error = OffsetOutOfRangeError({PARTITION: 12})
    with pytest.raises(PositionOutsideLogError) as raised:
        await reader_over(consumer).read(0, Taker())
    assert raised.value.position == 12


async def test_a_partition_of_a_generation_that_ended_meanwhile_is_not_begun() -> None:
    consumer = FakeConsumer()
    consumer.answers.clear()
    reader = reader_over(consumer)
    reader.start_generation(7)
    beginning = asyncio.create_task(reader.begin(7, PARTITION, START))
    await asyncio.sleep(0)
    reader.start_generation(8)
    consumer.answers.set()
    await beginning
    reader.pause(8, PARTITION)
    assert consumer.calls == []


async def test_pausing_in_an_older_generation_does_nothing() -> None:
    consumer = FakeConsumer()
    reader = reader_over(consumer)
    reader.start_generation(8)
    await reader.begin(8, PARTITION, START)
    reader.pause(7, PARTITION)
    reader.resume(7, PARTITION)
    reader.pause(8, PARTITION)
    reader.resume(8, PARTITION)
    assert consumer.calls[1:] == [("hold", PARTITION), ("release", PARTITION)]


async def test_batches_follow_one_another() -> None:
    consumer = FakeConsumer()
    reader = reader_over(consumer)
    reader.start_generation(7)
    await reader.begin(7, PARTITION, START)
    consumer.fetched[PARTITION] = [record(6), record(8, None)]
    (first,) = await reader.read(0, Taker())
    consumer.arrives[PARTITION] = [record(12)]
    (second,) = await reader.read(0, Taker())
    assert [(batch.generation, batch.partition, batch.follows) for batch in (first, second)] == [
        (7, 3, START),
        (7, 3, 9),
    ]
    assert [each.offset for each in first.records + second.records] == [6, 8, 12]
    assert (first.size, second.size) == (5, 5)


async def test_what_arrives_gathers_until_what_was_read_before_is_taken() -> None:
    consumer, taker = FakeConsumer(), Taker()
    reader = reader_over(consumer)
    reader.start_generation(7)
    await reader.begin(7, PARTITION, START)
    taker.taken.clear()
    consumer.fetched[PARTITION] = [record(5)]
    reading = asyncio.create_task(reader.read(0, taker))
    await asyncio.sleep(0)
    consumer.fetched[PARTITION] += [record(6), record(7)]
    taker.taken.set()
    (batch,) = await reading
    assert [each.offset for each in batch.records] == [5, 6, 7]


async def test_what_was_fetched_of_other_partitions_stays_where_it_is() -> None:
    consumer = FakeConsumer()
    reader = reader_over(consumer)
    reader.start_generation(7)
    await reader.begin(7, PARTITION, START)
    reader.stop_reading()
    consumer.fetched[PARTITION] = [record(6)]
    assert await reader.read(0, Taker()) == []
    reader.start_generation(8)
    assert await reader.read(0, Taker()) == []
    assert consumer.fetched == {PARTITION: [record(6)]}
