"""Topics come to be as the map says, and what differs is refused."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import InvalidConfigurationError, InvalidRequestError

from joblog.schemas.codec import Codec
from joblog.schemas.models import LogOpened
from joblog.streams.acls import Grant, Operation, Pattern, Resource, ResourceType
from joblog.streams.broker import EmbeddedBroker
from joblog.streams.errors import (
    KafkaUnavailableError,
    LogMismatchError,
    TopicMismatchError,
    TopicMissingError,
    TopicNotCreatedError,
)
from joblog.streams.kafka import KafkaPublisher, check_topics, connected_admin, ensure_topics
from joblog.streams.kafka.acls import lacking
from joblog.streams.kafka.cluster_changes import ClusterChanges, make_changes
from joblog.streams.kafka.config_changes import ConfigChange
from joblog.streams.kafka.refusals import ConfigRefusedError, GrantRefusedError
from joblog.streams.kafka.topic_metadata import topic_metadata
from joblog.streams.records import Outbound
from joblog.streams.settings import Settings
from joblog.streams.topics import TopicMap
from tests.kafka.clients.plain_clients import create_events_topic, read_all
from tests.kafka.running import eventually

NOW = 1_700_000_000_000


async def write_first(settings: Settings, value: bytes) -> None:
    """Write into partition 1 of the events topic before joblog opens it."""
    await create_events_topic(settings)
    async with KafkaPublisher(settings) as publisher:
        await publisher.publish([Outbound(f"{settings.namespace}.events", 1, None, value, [])])


async def openings(settings: Settings, partition: int) -> list[LogOpened]:
    records = await read_all(settings, f"{settings.namespace}.events", partition)
    events = [Codec().decode(record.value or b"") for record in records]
    return [event for event in events if isinstance(event, LogOpened)]


async def test_topics_are_created_as_the_map_says(settings: Settings) -> None:
    await ensure_topics(settings, NOW)
    topics = TopicMap.of(settings)
    resources = [ConfigResource(ConfigResourceType.TOPIC, topic.name) for topic in topics.all]
    async with connected_admin(settings) as admin:
        found = await topic_metadata(admin, list(topics.by_name))
        described: list[Any] = await admin.describe_configs(resources)
    assert {name: topic.partitions for name, topic in found.items()} == {
        topic.name: topic.partitions for topic in topics.all
    }
    for _, _, _, name, entries in described[0].resources:
        configs = {entry[0]: entry[1] for entry in entries}
        expected = topics.named(name).config
        assert {config: configs[config] for config in expected} == expected


async def test_each_partition_of_events_is_opened_for_the_log(settings: Settings) -> None:
    log_id = await ensure_topics(settings, NOW)
    for partition in (0, 1):
        [record] = await read_all(settings, f"{settings.namespace}.events", partition)
        assert record.key is None
        assert record.offset == 0
        assert dict(record.headers)["ce_type"] == b"joblog.LogOpened"
        assert Codec().decode(record.value or b"") == LogOpened(
            event_id=f"{log_id}/{partition}",
            time=NOW,
            log_id=log_id,
            partition=partition,
            partitions=2,
        )


async def test_doing_it_again_changes_nothing(settings: Settings) -> None:
    log_id = await ensure_topics(settings, NOW)
    assert await ensure_topics(settings, NOW + 1) == log_id
    assert (await check_topics(settings)).log_id == log_id
    assert [opening.time for opening in await openings(settings, 0)] == [NOW]


async def test_processes_that_do_it_at_once_agree(settings: Settings) -> None:
    log_ids = await asyncio.gather(*(ensure_topics(settings, NOW) for _ in range(5)))
    assert len(set(log_ids)) == 1
    for partition in (0, 1):
        told = {opening.log_id for opening in await openings(settings, partition)}
        assert told == set(log_ids)


async def test_a_topic_made_anew_is_another_log(settings: Settings) -> None:
    first = await ensure_topics(settings, NOW)
    async with connected_admin(settings) as admin:
        await admin.delete_topics([f"{settings.namespace}.events"])
        while await topic_metadata(admin, [f"{settings.namespace}.events"]):
            pass  # other than its answer says, the broker still knows it for a moment
    second = await ensure_topics(settings, NOW)
    assert second != first
    assert [opening.log_id for opening in await openings(settings, 1)] == [second]


async def test_a_log_that_others_wrote_to_first_is_opened_behind_that(settings: Settings) -> None:
    await write_first(settings, b"no event")
    log_id = await ensure_topics(settings, NOW)
    _, second = await read_all(settings, f"{settings.namespace}.events", 1)
    opening = Codec().decode(second.value or b"")
    assert isinstance(opening, LogOpened)
    assert opening.log_id == log_id


async def test_a_log_that_was_copied_from_another_is_refused(settings: Settings) -> None:
    copied = LogOpened(event_id="e", time=NOW, log_id="elsewhere", partition=1, partitions=2)
    await write_first(settings, Codec().encode(copied))
    with pytest.raises(LogMismatchError, match="opened for log elsewhere") as caught:
        await ensure_topics(settings, NOW)
    assert caught.value.partition == 1


async def test_another_partition_count_is_refused(settings: Settings) -> None:
    await ensure_topics(settings, NOW)
    other = settings.model_copy(update={"partitions": 3})
    for check in (ensure_topics(other, NOW), check_topics(other)):
        with pytest.raises(TopicMismatchError, match="partitions=2 and has to have 3") as caught:
            await check
        assert caught.value.topic == f"{settings.namespace}.events"
        assert "JOBLOG_PARTITIONS" in caught.value.fix


async def have_three(admin: AIOKafkaAdminClient, names: list[str]) -> bool:
    found = await topic_metadata(admin, names)
    return all(found[name].partitions == 3 for name in names)


async def test_partitions_added_to_an_open_log_are_refused(settings: Settings) -> None:
    await ensure_topics(settings, NOW)
    grown = settings.model_copy(update={"partitions": 3})
    added = {
        topic.name: NewPartitions(3) for topic in TopicMap.of(grown).all if topic.partitions > 1
    }
    async with connected_admin(settings) as admin:
        await admin.create_partitions(added)
        await eventually(partial(have_three, admin, list(added)))
    with pytest.raises(TopicMismatchError, match="partitions=3 and has to have 2") as caught:
        await ensure_topics(grown, NOW)
    assert "added after the log was opened" in caught.value.fix


@pytest.mark.parametrize(
    ("config", "value"),
    [
        ("message_timestamp_type", "CreateTime"),
        ("cleanup_policy", "compact"),
        ("retention_ms", "604800000"),
        ("retention_bytes", "1000000"),
        ("max_message_bytes", "1048576"),
    ],
)
async def test_a_config_that_would_break_a_promise_is_refused(
    settings: Settings, config: str, value: str
) -> None:
    await create_events_topic(settings, **{config: value})
    with pytest.raises(TopicMismatchError) as caught:
        await ensure_topics(settings, NOW)
    error = caught.value
    assert (error.config, error.found) == (config.replace("_", "."), value)
    assert f"--entity-name {settings.namespace}.events --add-config {error.config}=" in error.fix


async def test_a_larger_size_and_free_configs_are_accepted(settings: Settings) -> None:
    await create_events_topic(settings, max_message_bytes="9000000", segment_bytes="1048576")
    await ensure_topics(settings, NOW)


async def test_kafka_says_why_it_creates_no_topic(settings: Settings) -> None:
    with pytest.raises(TopicNotCreatedError, match=r"(?i)replication factor") as caught:
        await ensure_topics(settings.model_copy(update={"replication_factor": 2}), NOW)
    assert caught.value.topic == f"{settings.namespace}.events"


async def test_kafka_says_why_it_changes_no_config(settings: Settings) -> None:
    await ensure_topics(settings, NOW)
    events = TopicMap.of(settings).events.name
    change = ConfigChange(events, "cleanup.policy", "delete", "for-ever")
    with pytest.raises(ConfigRefusedError, match=r"(?i)cleanup\.policy.* for-ever") as caught:
        await make_changes(settings, ClusterChanges([], [change], []), NOW)
    error = caught.value
    assert (error.topic, error.configs) == (events, ("cleanup.policy=for-ever",))
    assert error.code == InvalidConfigurationError.errno
    assert "joblog topics apply again" in str(error)


async def test_kafka_says_why_it_gives_no_right(make_broker: Callable[..., EmbeddedBroker]) -> None:
    authorizer = "org.apache.kafka.metadata.authorizer.StandardAuthorizer"
    broker = make_broker(
        overrides={"authorizer.class.name": authorizer, "super.users": "User:ANONYMOUS"}
    )
    await asyncio.to_thread(broker.start)
    settings = Settings(bootstrap_servers=broker.bootstrap_servers)
    good = Grant("User:a", Resource(ResourceType.TOPIC, Pattern.LITERAL, "a"), Operation.READ)
    bad = good._replace(principal="a")
    with pytest.raises(GrantRefusedError, match="does not allow a Read of literal topic") as caught:
        await make_changes(settings, ClusterChanges([], [], [good, bad]), NOW)
    assert caught.value.grant == bad
    assert caught.value.code == InvalidRequestError.errno
    async with connected_admin(settings) as admin:
        assert await lacking(admin, broker.bootstrap_servers, [good]) == []


async def test_a_check_creates_nothing_even_where_brokers_would(
    make_broker: Callable[..., EmbeddedBroker],
) -> None:
    broker = make_broker(overrides={"auto.create.topics.enable": "true"})
    await asyncio.to_thread(broker.start)
    settings = Settings(bootstrap_servers=broker.bootstrap_servers)
    with pytest.raises(TopicMissingError, match=r"^joblog\.events does not exist"):
        await check_topics(settings)
    async with connected_admin(settings) as admin:
        await admin.create_topics([NewTopic("later", 1, 1)])  # comes after what was asked before
        while "later" not in (topics := await admin.list_topics()):
            pass
    assert topics == ["later"]


async def test_no_broker(unused_tcp_port: int) -> None:
    settings = Settings(bootstrap_servers=f"127.0.0.1:{unused_tcp_port}")
    with pytest.raises(KafkaUnavailableError, match=f"no Kafka at 127.0.0.1:{unused_tcp_port}"):
        await check_topics(settings)
    with pytest.raises(KafkaUnavailableError):
        await KafkaPublisher(settings).start()
