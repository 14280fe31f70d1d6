"""The map of topics."""

import pytest

from joblog.lifecycle.delays import TIERS
from joblog.streams.errors import UnknownTopicError
from joblog.streams.settings import Settings
from joblog.streams.topics import TopicMap

TOPICS = TopicMap("ns", lanes=("default", "slow"), partitions=6, replication_factor=3)


def test_names() -> None:
    assert TOPICS.events.name == "ns.events"
    assert TOPICS.work("slow").name == "ns.work.slow"
    assert [topic.name for topic in TOPICS.delays] == [f"ns.delay.{tier.name}" for tier in TIERS]
    assert TOPICS.delay(TIERS[3]) is TOPICS.delays[3]
    others = (TOPICS.dead_letters, TOPICS.control, TOPICS.config, TOPICS.schemas)
    assert [topic.name for topic in others] == ["ns.dlq", "ns.control", "ns.config", "ns.schemas"]
    assert (TOPICS.table_jobs.name, TOPICS.table_log.name) == ("ns.table.jobs", "ns.table.log")
    assert len(TOPICS.by_name) == len(TOPICS.all) == 9 + len(TIERS)


def test_the_map_is_what_the_settings_ask_for() -> None:
    settings = Settings(namespace="other", lanes=["a"], partitions=2, replication_factor=3)
    assert [topic.name for topic in TopicMap.of(settings).works] == ["other.work.a"]
    assert TopicMap.of(settings).events.partitions == 2
    assert TopicMap.of(settings).limits is settings.limits


def test_serializers_of_a_registry_have_a_topic_where_there_is_a_registry() -> None:
    with_one = TopicMap.of(Settings(registry={"url": "http://registry:8081"}))
    assert with_one.submissions.name == "joblog.submissions"
    assert {*with_one.by_name} - {*TopicMap.of(Settings()).by_name} == {"joblog.submissions"}


def test_everything_about_a_job_has_the_same_number_of_partitions() -> None:
    single = {topic.name for topic in TOPICS.all if topic.partitions == 1}
    assert single == {"ns.control", "ns.config", "ns.schemas"}
    assert {topic.partitions for topic in TOPICS.all} == {1, 6}


def test_log_time_decides_on_every_topic() -> None:
    assert {topic.config["message.timestamp.type"] for topic in TOPICS.all} == {"LogAppendTime"}


def test_nothing_but_compaction_deletes_records_except_cancels_of_long_ago() -> None:
    for topic in TOPICS.all:
        if topic == TOPICS.control:
            assert topic.config["cleanup.policy"] == "compact,delete"
            assert topic.config["retention.ms"] == str(30 * 24 * 3_600_000)
        elif topic.config["cleanup.policy"] == "delete":
            assert topic.config["retention.ms"] == topic.config["retention.bytes"] == "-1"
        else:
            assert topic.config["cleanup.policy"] == "compact"


def test_a_write_survives_the_loss_of_a_broker() -> None:
    assert {topic.config["min.insync.replicas"] for topic in TOPICS.all} == {"2"}
    assert TopicMap("ns").events.config["min.insync.replicas"] == "1"


def test_sizes_rise_along_the_way() -> None:
    sizes = [
        TOPICS.events.max_message_bytes,
        TOPICS.work("default").max_message_bytes,
        TOPICS.dead_letters.max_message_bytes,
    ]
    assert sizes == sorted(set(sizes))
    assert TOPICS.delays[0].max_message_bytes == sizes[1]
    assert TOPICS.table_jobs.max_message_bytes == sizes[2] == TOPICS.max_request_bytes
    assert TOPICS.max_batch_bytes < sizes[0]


@pytest.mark.parametrize("name", ["ns.nothing", "events", "other.events"])
def test_a_topic_that_is_not_on_the_map(name: str) -> None:
    with pytest.raises(UnknownTopicError, match=f"^{name} is not on the map") as caught:
        TOPICS.named(name)
    assert (caught.value.topic, caught.value.partition) == (name, None)


def test_a_lane_that_is_not_on_the_map() -> None:
    with pytest.raises(UnknownTopicError, match=r"^ns\.work\.fast is not on the map"):
        TOPICS.work("fast")
