"""Reads all topics of a namespace from a real Kafka: whole, and what is committed only."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from tests.history.errors import MissingTopicError
from tests.history.records import KafkaRecord

FETCH_BYTES: Final = 8 * 1024 * 1024
POLL_MS: Final = 500

FETCH_WAIT_MS: Final = 10
"""A fetch waits no longer for new records: partitions read to their end must not hold up the others."""

REQUIRED: Final = ("events", "dlq", "control", "table.jobs", "table.log")

Offsets = Mapping[TopicPartition, int]
Partitions = Sequence[TopicPartition]


async def read_topics(
    bootstrap: str,
    namespace: str,
    begin: Callable[[Partitions], None],
    take: Callable[[KafkaRecord], None],
) -> Offsets:
    """Read everything that is there now, and return the first offset of each partition after that.

    Args:
        bootstrap: bootstrap servers.
        namespace: prefix of the topics' names.
        begin: given all partitions, once.
        take: given each record; those of a partition in order.

    Raises:
        MissingTopicError: a topic that every log has does not exist.
    """
    topics = await _topics(bootstrap, namespace)
    consumer = AIOKafkaConsumer(
        *topics,
        bootstrap_servers=bootstrap,
        isolation_level="read_committed",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        fetch_max_wait_ms=FETCH_WAIT_MS,
        max_partition_fetch_bytes=FETCH_BYTES,
    )
    await consumer.start()
    try:
        partitions = sorted(consumer.assignment())
        for topic in set(topics) - {at.topic for at in partitions}:
            raise MissingTopicError(topic)
        begin(partitions)
        await _read(consumer, partitions, take)
        return dict(await consumer.beginning_offsets(partitions))
    finally:
        await consumer.stop()


async def _topics(bootstrap: str, namespace: str) -> list[str]:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        names = [name for name in await admin.list_topics() if name.startswith(f"{namespace}.")]
    finally:
        await admin.close()
    for suffix in REQUIRED:
        if f"{namespace}.{suffix}" not in names:
            raise MissingTopicError(f"{namespace}.{suffix}")
    return sorted(names)


async def _read(
    consumer: AIOKafkaConsumer, partitions: Partitions, take: Callable[[KafkaRecord], None]
) -> None:
    ends = await consumer.end_offsets(partitions)
    unread = [at for at in partitions if ends[at] > 0]
    while unread:
        fetched: Mapping[TopicPartition, Sequence[KafkaRecord]] = await consumer.getmany(
            *unread, timeout_ms=POLL_MS
        )
        for at, records in fetched.items():
            for record in records:
                if record.offset < ends[at]:
                    take(record)
        unread = [at for at in unread if await consumer.position(at) < ends[at]]
