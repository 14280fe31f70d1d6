"""Finds the configs of existing topics that differ from the map, and changes them alone (KIP-339)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, Final, NamedTuple

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResourceType
from aiokafka.errors import NoError, for_code
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import Array, Boolean, Int8, Int16, Int32, Schema, String

from joblog.streams.kafka.refusals import ConfigRefusedError, is_denial
from joblog.streams.kafka.topic_configs import TopicConfig, is_wrong, read_configs
from joblog.streams.topics import Topic

SET: Final = 0


class ConfigChange(NamedTuple):
    """A config of a topic that is to have another value."""

    topic: str
    config: str
    found: str
    wanted: str


async def config_changes(admin: AIOKafkaAdminClient, topics: Sequence[Topic]) -> list[ConfigChange]:
    """Return what is to be changed of existing topics.

    That is what joblog cannot work with, and what nobody has chosen: where a topic says itself what it leaves
    to joblog's choice, it keeps that.

    Raises:
        KafkaError: Kafka does not answer, or forbids to describe configs.
    """
    by_name = {topic.name: topic for topic in topics}
    return [
        change
        async for name, found in read_configs(admin, list(by_name))
        for change in changes_of(by_name[name], found)
    ]


def changes_of(topic: Topic, found: Mapping[str, TopicConfig]) -> Iterator[ConfigChange]:
    """Yield what is to be changed of one topic."""
    for config, wanted in topic.config.items():
        value, chosen = found[config]
        if is_wrong(config, value, wanted) or (not chosen and value != wanted):
            yield ConfigChange(topic.name, config, value, wanted)


async def change_configs(admin: AIOKafkaAdminClient, changes: Iterable[ConfigChange]) -> None:
    """Change configs; all others of the topics stay as they are.

    Raises:
        ConfigRefusedError: Kafka refuses one; some may have been changed.
        KafkaError: Kafka does not answer, or does not allow this client to change configs.
    """
    wanted = list(changes)
    response: Any = await admin._send_request(_Alteration(wanted))  # noqa: SLF001 - no public way
    for code, reason, _, name in response.responses:
        if code == NoError.errno:
            continue
        if is_denial(code):
            raise for_code(code)(f"{name}: {reason}")
        configs = [f"{one.config}={one.wanted}" for one in wanted if one.topic == name]
        raise ConfigRefusedError(name, configs, code, reason)


class _AlterationResponse(Response):
    API_KEY = 44
    API_VERSION = 0
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "responses",
            Array(
                ("error_code", Int16),
                ("error_message", String("utf-8")),
                ("resource_type", Int8),
                ("resource_name", String("utf-8")),
            ),
        ),
    )


class _AlterationStruct(RequestStruct):
    API_KEY = 44
    API_VERSION = 0
    RESPONSE_TYPE = _AlterationResponse
    SCHEMA = Schema(
        (
            "resources",
            Array(
                ("resource_type", Int8),
                ("resource_name", String("utf-8")),
                (
                    "configs",
                    Array(
                        ("name", String("utf-8")),
                        ("config_operation", Int8),
                        ("value", String("utf-8")),
                    ),
                ),
            ),
        ),
        ("validate_only", Boolean),
    )


class _Alteration(Request[_AlterationStruct]):
    API_KEY = 44

    def __init__(self, changes: Iterable[ConfigChange]) -> None:
        self._changes = list(changes)

    def build(self, request_struct_class: type[_AlterationStruct]) -> Any:  # noqa: ANN401 - aiokafka's structs
        resources = [
            (
                int(ConfigResourceType.TOPIC),
                name,
                [(one.config, SET, one.wanted) for one in changes],
            )
            for name, changes in groupby(self._changes, lambda change: change.topic)
        ]
        return request_struct_class(resources, False)  # noqa: FBT003 - wire order
