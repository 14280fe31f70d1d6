"""What Kafka says about topics, their ids included, without creating any.

aiokafka itself speaks Metadata up to version 5, which has no topic ids and asks for auto-creation.

Source: Apache Kafka protocol guide, Metadata (key 3) version 12; KIP-516, topic identifiers.
"""

from collections.abc import Sequence
from io import BytesIO
from typing import Any, Final, NamedTuple
from uuid import UUID

from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import RequestTimedOutError, UnknownTopicOrPartitionError, for_code
from aiokafka.protocol.abstract import AbstractType
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import (
    Boolean,
    CompactArray,
    CompactString,
    Int16,
    Int32,
    Schema,
    TaggedFields,
)

from joblog.streams.errors import TopicMissingError
from joblog.streams.kafka.any_broker import AWAY, ask_any

_FOUND_BY_NAME: Final = UUID(int=0)
_NO_TAGS: Final[dict[int, bytes]] = {}


class TopicMetadata(NamedTuple):
    """A topic that exists.

    Attributes:
        topic_id: its id; a topic made anew under the same name has another.
        partitions: partition count.
        has_leaders: whether each partition has a leader, so that it can be written and read.
        copies: copies of each record, where partitions differ the fewest.
        in_sync: how many of them are up to date, where partitions differ the fewest.
        operations: what this client may do, as a set of bits, each at the number of Kafka's operation; None
            where that was not asked.
    """

    topic_id: UUID
    partitions: int
    has_leaders: bool
    copies: int
    in_sync: int
    operations: int | None


async def topic_metadata(
    admin: AIOKafkaAdminClient,
    names: Sequence[str],
    *,
    node: int | None = None,
    with_operations: bool = False,
) -> dict[str, TopicMetadata]:
    """Ask for topics by name.

    Args:
        admin: asks.
        names: the topics.
        node: id of the broker that is asked. Defaults to any.
        with_operations: ask also what this client may do with them.

    Returns:
        What Kafka says of each of them that exists.

    Raises:
        KafkaError: Kafka does not answer, or forbids to describe a topic.
    """
    request = _MetadataRequest(names, with_operations=with_operations)
    response: Any = await admin._send_request(request, node)  # noqa: SLF001 - no public way
    topics = {}
    for error_code, name, topic_id, _, partitions, operations, _ in response.topics:
        if error_code == UnknownTopicOrPartitionError.errno:
            continue
        if error_code:
            raise for_code(error_code)(name)
        topics[name] = TopicMetadata(
            topic_id,
            len(partitions),
            has_leaders=all(leader >= 0 for _, _, leader, *_ in partitions),
            copies=min((len(replicas) for _, _, _, _, replicas, *_ in partitions), default=0),
            in_sync=min((len(alive) for _, _, _, _, _, alive, *_ in partitions), default=0),
            operations=operations if with_operations else None,
        )
    return topics


async def refuse_missing(consumer: AIOKafkaConsumer, names: Sequence[str]) -> None:
    """Refuse to read topics that do not exist.

    aiokafka's own `topics` has Kafka name all that it has: on a cluster with thousands, that costs both a tenth
    of a second and more.

    Args:
        consumer: is connected.
        names: the topics.

    Raises:
        TopicMissingError: one does not exist.
        KafkaError: Kafka does not answer, or forbids to describe one.
    """
    request = _MetadataRequest(names, with_operations=False)
    silent = (*AWAY, RequestTimedOutError)
    response: Any = await ask_any(consumer._client, request, silent)  # noqa: SLF001 - no public way
    for error_code, name, *_ in response.topics:
        if error_code == UnknownTopicOrPartitionError.errno:
            raise TopicMissingError(name)
        if error_code:
            raise for_code(error_code)(name)


async def topic_id_of(consumer: AIOKafkaConsumer, name: str) -> str | None:
    """Return the id of a topic, None where there is none; a topic made anew has another.

    Args:
        consumer: is connected.
        name: the topic.

    Raises:
        KafkaError: Kafka does not answer, or forbids to describe it.
    """
    request = _MetadataRequest([name], with_operations=False)
    silent = (*AWAY, RequestTimedOutError)
    response: Any = await ask_any(consumer._client, request, silent)  # noqa: SLF001 - no public way
    for error_code, _, topic_id, *_ in response.topics:
        if error_code == UnknownTopicOrPartitionError.errno:
            return None
        if error_code:
            raise for_code(error_code)(name)
        return str(topic_id)
    return None


class _Uuid(AbstractType[UUID]):
    @classmethod
    def encode(cls, value: UUID) -> bytes:
        return value.bytes

    @classmethod
    def decode(cls, data: BytesIO) -> UUID:
        return UUID(bytes=data.read(16))


class _MetadataResponse(Response):
    API_KEY = 3
    API_VERSION = 12
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "brokers",
            CompactArray(
                ("node_id", Int32),
                ("host", CompactString()),
                ("port", Int32),
                ("rack", CompactString()),
                ("tags", TaggedFields),
            ),
        ),
        ("cluster_id", CompactString()),
        ("controller_id", Int32),
        (
            "topics",
            CompactArray(
                ("error_code", Int16),
                ("name", CompactString()),
                ("topic_id", _Uuid),
                ("is_internal", Boolean),
                (
                    "partitions",
                    CompactArray(
                        ("error_code", Int16),
                        ("partition", Int32),
                        ("leader", Int32),
                        ("leader_epoch", Int32),
                        ("replicas", CompactArray(Int32)),
                        ("in_sync_replicas", CompactArray(Int32)),
                        ("offline_replicas", CompactArray(Int32)),
                        ("tags", TaggedFields),
                    ),
                ),
                ("authorized_operations", Int32),
                ("tags", TaggedFields),
            ),
        ),
        ("tags", TaggedFields),
    )


class _MetadataRequestStruct(RequestStruct):
    API_KEY = 3
    API_VERSION = 12
    FLEXIBLE_VERSION = True
    RESPONSE_TYPE = _MetadataResponse
    SCHEMA = Schema(
        (
            "topics",
            CompactArray(("topic_id", _Uuid), ("name", CompactString()), ("tags", TaggedFields)),
        ),
        ("allow_auto_topic_creation", Boolean),
        ("include_topic_authorized_operations", Boolean),
        ("tags", TaggedFields),
    )


class _MetadataRequest(Request[_MetadataRequestStruct]):
    API_KEY = 3

    def __init__(self, names: Sequence[str], *, with_operations: bool) -> None:
        self._names = names
        self._with_operations = with_operations

    def build(self, request_struct_class: type[_MetadataRequestStruct]) -> Any:  # noqa: ANN401 - as above
        topics = [(_FOUND_BY_NAME, name, _NO_TAGS) for name in self._names]
        return request_struct_class(topics, False, self._with_operations, _NO_TAGS)  # noqa: FBT003 - wire order
