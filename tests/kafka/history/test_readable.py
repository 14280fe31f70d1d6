"""A history that cannot be judged is no sound one."""

from typing import Any

import pytest

from tests.history.errors import MissingTopicError
from tests.history.faults import Fault, FaultKind
from tests.history.history import History
from tests.history.records import LOG_APPEND_TIME
from tests.kafka.history.avro_writer import committed
from tests.kafka.history.planted import PlantedLog
from tests.kafka.history.topics import PARTITIONS, delete_records, set_timestamp_type


async def test_finds_that_there_was_no_job(log: PlantedLog) -> None:
    assert await log.broken() == {"jobs_were_read"}
    await log.succeeds("a")
    assert await log.broken() == set()


async def test_finds_that_records_were_deleted(log: PlantedLog) -> None:
    submission = await log.submit("a")
    for _ in range(2):
        await log.dispatch("a", 1, submission)
    await log.succeeds_in("a", 1)
    assert await log.broken() == set()
    topic = f"{log.namespace}.work.default"
    await delete_records(log.bootstrap, topic, submission.partition, before=1)
    assert await log.broken() == {"topics_are_whole"}


async def test_finds_that_a_topic_is_said_to_be_lost_that_nobody_has_deleted(
    log: PlantedLog,
) -> None:
    await log.succeeds("a")
    for _ in range(2):
        await log.append("TopicsAnnounced", into=0, topics={"work.default": "one"})
    said = await log.append("TopicsAnnounced", into=0, topics={"work.default": "other"})
    assert await log.broken() == {"topics_are_lost_only_by_faults"}
    deleted = Fault(FaultKind.TOPIC_DELETED, said.timestamp, said.timestamp)
    assert await log.broken([deleted]) == set()


async def test_finds_records_with_their_producers_time(log: PlantedLog) -> None:
    await log.succeeds("a")
    assert await log.broken() == set()
    await _let_producers_set_the_time(log)
    assert await log.broken() == {"records_have_log_time"}


async def test_finds_a_partition_that_does_not_begin_with_log_opened(unopened: PlantedLog) -> None:
    await unopened.append("Tick", into=1)
    await unopened.open()
    await unopened.succeeds("a")
    assert await unopened.broken() == {"partitions_begin_with_log_opened"}


async def test_finds_an_empty_partition(unopened: PlantedLog) -> None:
    home = await unopened.open_home("a")
    await unopened.succeeds("a")
    assert await unopened.broken() == {"partitions_begin_with_log_opened"}
    await unopened.open_partition(1 - home)
    assert await unopened.broken() == set()


@pytest.mark.parametrize(
    "wrong", [{"partitions": PARTITIONS + 1}, {"log_id": "another"}], ids=["partitions", "log id"]
)
async def test_finds_an_opening_of_another_log(unopened: PlantedLog, wrong: dict[str, Any]) -> None:
    await unopened.open_partition(0)
    await unopened.open_partition(1, **wrong)
    await unopened.succeeds("a")
    assert await unopened.broken() == {"partitions_begin_with_log_opened"}


@pytest.mark.parametrize(
    "suffix", ["work.default", "delay.1s", "dlq", "control", "table.jobs", "table.log"]
)
async def test_finds_a_record_that_nobody_can_read(log: PlantedLog, suffix: str) -> None:
    await log.succeeds("a")
    assert await log.broken() == set()
    await log.send(suffix, b"b", b"\xc3\x01garbage", 0)
    assert await log.broken() == {"passing_records_are_decodable"}


async def _let_producers_set_the_time(log: PlantedLog) -> None:
    """Append ticks until one keeps the time of its producer, and one more.

    The answer to the first may be about the new config, and its record still be of the old one.
    """
    topic, tick = f"{log.namespace}.events", committed("Tick").encode({"event_id": "t", "time": 0})
    await set_timestamp_type(log.bootstrap, topic, "CreateTime")
    timestamp_type = LOG_APPEND_TIME
    while timestamp_type == LOG_APPEND_TIME:
        timestamp_type = (await log.producer.send_and_wait(topic, tick)).timestamp_type
    await log.producer.send_and_wait(topic, tick)


@pytest.mark.parametrize("suffix", ["work.default", "delay.1s", "dlq", "control"])
async def test_finds_an_event_in_a_topic_for_others(log: PlantedLog, suffix: str) -> None:
    await log.succeeds("a")
    cause = log.submissions["a"]
    await log.output(suffix, "AttemptLost", "a", cause, place=9, attempt=9, worker="w1")
    assert await log.broken() == {"topics_hold_what_they_are_for"}


async def test_tells_that_there_is_no_such_namespace(
    bootstrap_servers: str, namespace: str
) -> None:
    with pytest.raises(MissingTopicError, match=f"{namespace}.events"):
        await History.read(bootstrap_servers, namespace)
