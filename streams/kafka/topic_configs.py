"""Checks the configs of existing topics on which joblog's promises rest."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import for_code

from joblog.streams.errors import TopicMismatchError
from joblog.streams.topics import Topic

EXACT: Final = ("cleanup.policy", "message.timestamp.type", "retention.bytes", "retention.ms")
"""Another value loses records, or lets the writers' clocks decide."""

AT_LEAST: Final = ("delete.retention.ms", "max.message.bytes")
"""A smaller value loses tombstones, or refuses records."""

OF_THE_TOPIC: Final = 1
"""Kafka's word for a value that the topic has itself, where others come from brokers and defaults."""


class TopicConfig(NamedTuple):
    """A config of a topic: its value, and whether the topic says it itself."""

    value: str
    chosen: bool


async def check_configs(admin: AIOKafkaAdminClient, topics: Sequence[Topic]) -> dict[str, int]:
    """Compare the configs of existing topics with the map; what is not named here is free.

    Returns:
        The most bytes of a batch that each topic takes, by name: no less than its map says.

    Raises:
        TopicMismatchError: a config has another value than joblog can work with.
        KafkaError: Kafka does not answer, or forbids to describe configs.
    """
    by_name = {topic.name: topic for topic in topics}
    batch_limits = {}
    async for name, configs in read_configs(admin, list(by_name)):
        for mismatch in mismatches_of(by_name[name], configs):
            raise mismatch
        batch_limits[name] = int(configs["max.message.bytes"].value)
    return batch_limits


def mismatches_of(topic: Topic, found: Mapping[str, TopicConfig]) -> Iterator[TopicMismatchError]:
    """Yield what is wrong with an existing topic's configs, and how to mend it."""
    for config, wanted in topic.config.items():
        value = found[config].value
        if is_wrong(config, value, wanted):
            fix = (
                "joblog topics apply changes it; or kafka-configs.sh --alter --entity-type topics "
                f"--entity-name {topic.name} --add-config "
                f"{config}={f'[{wanted}]' if ',' in wanted else wanted}"
            )
            yield TopicMismatchError(topic.name, config, value, wanted, fix)


def is_wrong(config: str, value: str, wanted: str) -> bool:
    """Return whether joblog cannot work with a config's value."""
    return (config in EXACT and value != wanted) or (
        config in AT_LEAST and int(value) < int(wanted)
    )


async def read_configs(
    admin: AIOKafkaAdminClient, names: Sequence[str]
) -> AsyncIterator[tuple[str, dict[str, TopicConfig]]]:
    """Yield name and configs of existing topics.

    Raises:
        KafkaError: Kafka does not answer, or forbids to describe configs.
    """
    resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
    responses: list[Any] = await admin.describe_configs(resources)
    for response in responses:
        for code, _, _, name, entries in response.resources:
            if code:
                raise for_code(code)(name)
            yield (
                name,
                {entry[0]: TopicConfig(entry[1], entry[3] == OF_THE_TOPIC) for entry in entries},
            )
