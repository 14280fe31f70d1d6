"""The log in memory takes and gives what Kafka does."""

from typing import Any

import pytest

from joblog.lifecycle.partitioner import partition_of
from joblog.streams.errors import RecordTooLargeError, UnknownTopicError
from joblog.streams.memory.log import batch_bytes
from joblog.streams.record_checks import size_of
from joblog.streams.records import Outbound
from joblog.streams.topic import Topic
from tests.conformance.joblog import Joblog, RefusedError


async def test_records_are_read_as_they_were_written(joblog: Joblog) -> None:
    written = [
        (b"key", b"value", (("a", b"1"), ("a", b""), ("b", None))),
        (None, b"\x00\xff", ()),
        (b"", None, (("umläut", b"\xff"),)),
    ]
    topic = joblog.topics.events.name
    before, began = len(joblog.read(topic, 1)), joblog.now()
    for key, value, headers in written:
        await joblog.append_raw(key, value, 1, headers)
    records = joblog.read(topic, 1)[before:]
    assert [(record.key, record.value, record.headers) for record in records] == written
    assert [record.offset for record in records] == [before, before + 1, before + 2]
    times = [record.timestamp for record in records]
    assert times == sorted(times)
    assert began <= times[0] <= times[-1] <= joblog.now(), "it is the log's time, not the writer's"


async def test_murmur2_of_the_key_says_the_partition(joblog: Joblog) -> None:
    keys = [
        b"",
        b"a",
        b"job",
        *(f"job {number}".encode() for number in range(20)),
        bytes(range(256)),
    ]
    records = [await joblog.append_raw(key, b"value") for key in keys]
    partitions = [record.partition for record in records]
    assert partitions == [partition_of(key, 2) for key in keys]
    assert set(partitions) == {0, 1}


async def test_a_batch_is_held_to_the_topics_limit(joblog: Joblog) -> None:
    topic = joblog.topics.schemas
    headers = (("a", b"1"), ("b", None))
    room = topic.max_message_bytes - batch_bytes(b"key", bytes(2**20), headers) + 2**20
    await joblog.write_foreign(topic.name, b"key", bytes(room), 0, headers)
    with pytest.raises(RefusedError):
        await joblog.write_foreign(topic.name, b"key", bytes(room + 1), 0, headers)


async def test_a_publisher_refuses_all_records_before_it_writes_any(joblog: Joblog) -> None:
    topic = joblog.topics.schemas
    good = Outbound(topic.name, 0, b"key", b"value", [])
    for bad, error in (
        (_record_of_size(topic, topic.max_record_bytes + 1), RecordTooLargeError),
        (good._replace(topic="elsewhere"), UnknownTopicError),
        (good._replace(partition=1), UnknownTopicError),
        (good._replace(partition=-1), UnknownTopicError),
    ):
        with pytest.raises(error):
            await joblog.write([good, bad])
    largest = _record_of_size(topic, topic.max_record_bytes)
    positions = await joblog.write([good, largest, good])
    assert [tuple(position) for position in positions] == [(0, 0), (0, 1), (0, 2)]


async def test_a_publisher_refuses_parts_that_are_not_of_their_type(joblog: Joblog) -> None:
    good = Outbound(joblog.topics.schemas.name, 0, b"key", b"value", [("a", b"1"), ("b", None)])
    wrong: list[dict[str, Any]] = [
        {"key": "text"},
        {"value": bytearray(b"value")},
        {"headers": (("a", b"1"),)},
        {"headers": [("a", "text")]},
    ]
    for fields in wrong:
        with pytest.raises(TypeError, match="make it"):
            await joblog.write([good, good._replace(**fields)])
    assert [tuple(position) for position in await joblog.write([good])] == [(0, 0)]


def _record_of_size(topic: Topic, size: int) -> Outbound:
    empty = Outbound(topic.name, 0, b"key", b"", [("a", b"1")])
    return empty._replace(value=bytes(size - size_of(empty)))
