"""What a cluster lacks of what a log needs, and how it gets it."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from joblog.streams.acls import Grant, grants_of
from joblog.streams.kafka.acls import give, lacking
from joblog.streams.kafka.admin import check_partitions, connected_admin, ensure_topics
from joblog.streams.kafka.config_changes import ConfigChange, change_configs, config_changes
from joblog.streams.kafka.topic_metadata import topic_metadata
from joblog.streams.roles import Role
from joblog.streams.settings import Settings
from joblog.streams.topics import Topic, TopicMap


class ClusterChanges(NamedTuple):
    """What is to be done.

    Attributes:
        topics: topics to be created.
        configs: configs of existing topics to be changed.
        grants: rights to be given.
    """

    topics: list[Topic]
    configs: list[ConfigChange]
    grants: list[Grant]


async def needed_changes(
    settings: Settings, principals: Mapping[Role, Sequence[str]]
) -> ClusterChanges:
    """Compare a cluster with what a log needs, and change nothing.

    Args:
        settings: where Kafka is, and which topics there have to be.
        principals: who is to have a role's rights, such as `User:worker`. Others keep what they have.

    Raises:
        KafkaUnavailableError: no broker answers, or none lets this client in.
        AccessDeniedError: this client may not look at topics, configs or ACLs.
        NoAuthorizerError: there are principals, but the cluster keeps no ACLs.
        TopicMismatchError: a topic has other partitions, which cannot be changed.
    """
    topics = TopicMap.of(settings)
    async with connected_admin(settings) as admin:
        found = await topic_metadata(admin, list(topics.by_name))
        existing = [topic for topic in topics.all if topic.name in found]
        check_partitions(existing, found)
        return ClusterChanges(
            [topic for topic in topics.all if topic.name not in found],
            await config_changes(admin, existing) if existing else [],
            await lacking(admin, settings.bootstrap_servers, grants_of(principals, topics)),
        )


async def make_changes(settings: Settings, changes: ClusterChanges, now_ms: int) -> str:
    """Make changes, check all topics and open the log, as `ensure_topics` does.

    Returns:
        The log id.

    Raises:
        KafkaUnavailableError: no broker answers, or none lets this client in.
        AccessDeniedError: this client may not make one of them; others may have been made.
        ConfigRefusedError: Kafka refuses to change a config; others may have been changed.
        GrantRefusedError: Kafka refuses to give a right; others may have been given.
        TopicNotCreatedError: Kafka refuses to create a topic.
        TopicMismatchError: a topic is still not as it has to be.
        LogMismatchError: the events were copied from another log.
        PublishError: the log could not be opened.
    """
    async with connected_admin(settings) as admin:
        if changes.configs:
            await change_configs(admin, changes.configs)
        if changes.grants:
            await give(admin, changes.grants)
    return await ensure_topics(settings, now_ms)
