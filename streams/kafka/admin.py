"""Creates the topics of the map, and checks that those that exist are what the map says."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final, NamedTuple

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, NoError, TopicAlreadyExistsError

from joblog.streams.errors import (
    KafkaUnavailableError,
    TopicMismatchError,
    TopicMissingError,
    TopicNotCreatedError,
)
from joblog.streams.kafka.any_broker import AWAY, AnyBrokerAdmin
from joblog.streams.kafka.client import client_options, unavailable
from joblog.streams.kafka.log_identity import check_identity
from joblog.streams.kafka.log_opening import open_log
from joblog.streams.kafka.topic_configs import check_configs
from joblog.streams.kafka.topic_metadata import TopicMetadata, topic_metadata
from joblog.streams.settings import Settings
from joblog.streams.topics import Topic, TopicMap

POLL_SECONDS: Final = 0.05


async def ensure_topics(settings: Settings, now_ms: int) -> str:
    """Create the topics that are missing, check all of them, and open the log.

    Several processes may do it at once, and again at any time.

    Args:
        settings: where Kafka is, and which topics there have to be.
        now_ms: time of the events that it writes, in ms since the Unix epoch.

    Returns:
        The log id: Kafka's id of the events topic. A topic made anew has another.

    Raises:
        KafkaUnavailableError: no broker answers, or none lets this client in.
        TopicNotCreatedError: Kafka refuses to create a topic.
        TopicMismatchError: a topic has other partitions or configs.
        LogMismatchError: the events were copied from another log.
        LogGoneError: the namespace is about a log whose events topic was deleted or made anew.
        PublishError: the log could not be opened.
    """
    topics = TopicMap.of(settings)
    async with connected_admin(settings) as admin:
        existing = await topic_metadata(admin, list(topics.by_name))
        await _check_identity(settings, existing)
        await _create(admin, [topic for topic in topics.all if topic.name not in existing])
        found = await _until_led(admin, topics.all, settings)
        check_partitions(topics.all, found)
        await check_configs(admin, topics.all)
    log_id = str(found[topics.events.name].topic_id)
    await open_log(settings, log_id, now_ms)
    return log_id


class CheckedLog(NamedTuple):
    """A log whose topics are right.

    Attributes:
        log_id: Kafka's id of the events topic.
        record_limits: most bytes of a record that each topic really takes, by name: no less than its map
            says.
        topic_ids: Kafka's ids of all topics, by name.
    """

    log_id: str
    record_limits: Mapping[str, int]
    topic_ids: Mapping[str, str]


async def check_log(settings: Settings) -> CheckedLog:
    """Check, when a process of a log starts, that the log is there, and all its topics as `check_topics` does.

    Raises:
        LogGoneError: the namespace is about a log whose events topic was deleted or made anew.
        KafkaUnavailableError, TopicMissingError, TopicMismatchError: as `check_topics`.
    """
    topics = TopicMap.of(settings)
    async with connected_admin(settings) as admin:
        found = await topic_metadata(admin, [topics.events.name, topics.config.name])
    await _check_identity(settings, found)
    return await check_topics(settings)


async def check_topics(settings: Settings) -> CheckedLog:
    """Check that all topics exist, with their partitions and configs.

    Raises:
        KafkaUnavailableError: no broker answers, or none lets this client in.
        TopicMissingError: a topic does not exist.
        TopicMismatchError: a topic has other partitions or configs.
    """
    topics = TopicMap.of(settings)
    async with connected_admin(settings) as admin:
        found = await topic_metadata(admin, list(topics.by_name))
        check_partitions(topics.all, found)
        batch_limits = await check_configs(admin, topics.all)
    record_limits = {name: Topic.record_bytes_within(size) for name, size in batch_limits.items()}
    ids = {name: str(topic.topic_id) for name, topic in found.items()}
    return CheckedLog(ids[topics.events.name], record_limits, ids)


async def mend_topics(admin: AIOKafkaAdminClient, settings: Settings) -> dict[str, TopicMetadata]:
    """Create the work and delay topics that are missing, where the log itself is there.

    Args:
        admin: asks.
        settings: which topics there have to be.

    Returns:
        What Kafka says of those that it has created.

    Raises:
        TopicNotCreatedError: Kafka refuses to create a topic.
        KafkaUnavailableError: partitions of new topics got no leader.
        KafkaError: Kafka does not answer, or does not allow it.
    """
    topics = TopicMap.of(settings)
    names = [topics.events.name, *(topic.name for topic in topics.passing)]
    found = await topic_metadata(admin, names)
    missing = [topic for topic in topics.passing if topic.name not in found]
    if topics.events.name not in found or not missing:
        return {}
    await _create(admin, missing)
    return await _until_led(admin, missing, settings)


async def _check_identity(settings: Settings, found: Mapping[str, TopicMetadata]) -> None:
    topics = TopicMap.of(settings)
    if topics.config.name in found:
        events = found.get(topics.events.name)
        await check_identity(settings, None if events is None else str(events.topic_id))


@asynccontextmanager
async def connected_admin(settings: Settings) -> AsyncIterator[AIOKafkaAdminClient]:
    """Connect an admin client, and disconnect it in the end.

    Raises:
        KafkaUnavailableError: no broker answers, or none lets this client in.
    """
    admin: AIOKafkaAdminClient = AnyBrokerAdmin(**client_options(settings))
    try:
        await admin.start()
        yield admin
    except KafkaError as error:
        raise unavailable(settings.bootstrap_servers, error) from error
    finally:
        await admin.close()


async def _create(admin: AIOKafkaAdminClient, topics: Sequence[Topic]) -> None:
    if not topics:
        return
    response: Any = await admin.create_topics([_new(topic) for topic in topics])
    for name, code, reason in response.topic_errors:
        if code not in {NoError.errno, TopicAlreadyExistsError.errno}:  # another was faster
            raise TopicNotCreatedError(name, reason)


def _new(topic: Topic) -> NewTopic:
    return NewTopic(
        topic.name,
        topic.partitions,
        topic.replication_factor,
        topic_configs=dict(topic.config),
    )


async def _until_led(
    admin: AIOKafkaAdminClient, topics: Sequence[Topic], settings: Settings
) -> dict[str, TopicMetadata]:
    """Wait until every broker knows all topics with their leaders: each learns of them by itself."""
    names = [topic.name for topic in topics]
    try:
        async with asyncio.timeout(settings.request_timeout_ms / 1_000):
            while True:
                known = [found async for found in _known_by_brokers(admin, names)]
                if known and all(_are_led(found, names) for found in known):
                    return known[0]
                await asyncio.sleep(POLL_SECONDS)
    except TimeoutError as error:
        reason = "partitions of joblog's topics have no leader: their brokers are away"
        raise KafkaUnavailableError(settings.bootstrap_servers, reason) from error


async def _known_by_brokers(
    admin: AIOKafkaAdminClient, names: Sequence[str]
) -> AsyncIterator[dict[str, TopicMetadata]]:
    cluster = await admin.describe_cluster()
    for broker in cluster["brokers"]:
        try:
            yield await topic_metadata(admin, names, node=broker["node_id"])
        except AWAY:
            continue  # it is away, and learns all before it serves again


def _are_led(found: Mapping[str, TopicMetadata], names: Sequence[str]) -> bool:
    return len(found) == len(names) and all(one.has_leaders for one in found.values())


def check_partitions(topics: Sequence[Topic], found: Mapping[str, TopicMetadata]) -> None:
    """Check that topics exist, with their partitions.

    Raises:
        TopicMissingError: a topic does not exist.
        TopicMismatchError: a topic has other partitions.
    """
    for topic in topics:
        if topic.name not in found:
            raise TopicMissingError(topic.name)
        count = found[topic.name].partitions
        if count != topic.partitions:
            raise TopicMismatchError(
                topic.name,
                "partitions",
                str(count),
                str(topic.partitions),
                "the count is part of the log; use JOBLOG_PARTITIONS, the same in all processes, as "
                "it was when the topics were created, or replay into topics of another namespace",
            )
