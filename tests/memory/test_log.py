"""The log in memory; tests/conformance holds it against Kafka."""

import pytest

from joblog.streams.errors import UnknownTopicError
from joblog.streams.memory.clock import VirtualClock
from joblog.streams.memory.log import MemoryLog
from joblog.streams.topics import TopicMap

TOPICS = TopicMap("joblog", partitions=2)


def test_the_clock_says_when_a_record_was_appended() -> None:
    clock = VirtualClock(1_000)
    log = MemoryLog(TOPICS, clock)
    log.append(TOPICS.events.name, b"job", b"1", partition=0)
    clock.advance(500)
    log.append(TOPICS.events.name, b"job", b"2", partition=0)
    records = log.read(TOPICS.events.name, 0)
    assert [(record.offset, record.timestamp) for record in records] == [(0, 1_000), (1, 1_500)]
    assert log.read(TOPICS.events.name, 0, start=1) == records[1:]
    assert log.read(TOPICS.events.name, 0, start=2) == []
    assert (log.end(TOPICS.events.name, 0), log.end(TOPICS.events.name, 1)) == (2, 0)


def test_the_clock_is_never_set_back() -> None:
    clock = VirtualClock(1_000)
    with pytest.raises(ValueError, match="-1 ms"):
        clock.advance(-1)
    clock.advance(0)
    assert clock() == 1_000


@pytest.mark.parametrize(
    ("topic", "partition"), [("elsewhere", 0), ("joblog.events", 2), ("joblog.events", -1)]
)
def test_topics_and_partitions_that_are_not_on_the_map_are_refused(
    topic: str, partition: int
) -> None:
    log = MemoryLog(TOPICS, VirtualClock())
    with pytest.raises(UnknownTopicError) as refused:
        log.append(topic, None, b"", partition=partition)
    assert refused.value.topic == topic
    with pytest.raises(UnknownTopicError):
        log.read(topic, partition)


def test_a_record_without_key_and_partition_goes_to_partition_0() -> None:
    log = MemoryLog(TOPICS, VirtualClock())
    assert log.append(TOPICS.events.name, None, b"").partition == 0
