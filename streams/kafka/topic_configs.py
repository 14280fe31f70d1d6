"""Checks the configs of existing topics on which joblog's promises rest."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any, Final

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import for_code

from joblog.streams.errors import TopicMismatchError
from joblog.streams.topics import Topic

EXACT: Final = ("cleanup.policy", "message.timestamp.type", "retention.bytes", "retention.ms")
"""Another value loses records, or lets the writers' clocks decide."""

AT_LEAST: Final = ("delete.retention.ms", "max.message.bytes")
"""A smaller value loses tombstones, or refuses records."""


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
    async for name, configs in _configs(admin, list(by_name)):
        for config, found, expected in _differences(by_name[name], configs):
            fix = (
                f"kafka-configs.sh --alter --entity-type topics --entity-name {name} "
                f"--add-config {config}={f'[{expected}]' if ',' in expected else expected}"
            )
            raise TopicMismatchError(name, config, found, expected, fix)
        batch_limits[name] = int(configs["max.message.bytes"])
    return batch_limits


def _differences(topic: Topic, found: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    for config, expected in topic.config.items():
        value = found[config]
        if (config in EXACT and value != expected) or (
            config in AT_LEAST and int(value) < int(expected)
        ):
            yield config, value, expected


async def _configs(
    admin: AIOKafkaAdminClient, names: Sequence[str]
) -> AsyncIterator[tuple[str, dict[str, str]]]:
    resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
    responses: list[Any] = await admin.describe_configs(resources)
    for response in responses:
        for code, _, _, name, entries in response.resources:
            if code:
                raise for_code(code)(name)
            yield name, {entry[0]: entry[1] for entry in entries}
