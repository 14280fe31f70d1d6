"""What the tests do with plain clients, beside what they test."""

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import NewTopic
from aiokafka.structs import ConsumerRecord

from joblog.streams.kafka import client_options, connected_admin
from joblog.streams.settings import Settings
from joblog.streams.topics import TopicMap


async def create_events_topic(settings: Settings, **changed: str) -> None:
    """Make the events topic alone, before joblog does, with other configs."""
    topic = TopicMap.of(settings).events
    configs = {name.replace("_", "."): value for name, value in changed.items()}
    new = NewTopic(topic.name, topic.partitions, 1, topic_configs=dict(topic.config) | configs)
    async with connected_admin(settings) as admin:
        await admin.create_topics([new])


async def read_all(
    settings: Settings, topic: str, partition: int
) -> list[ConsumerRecord[bytes, bytes]]:
    """Read a partition from its beginning to its end."""
    consumer = AIOKafkaConsumer(**client_options(settings), enable_auto_commit=False)
    at = TopicPartition(topic, partition)
    records: list[ConsumerRecord[bytes, bytes]] = []
    await consumer.start()
    try:
        consumer.assign([at])
        await consumer.seek_to_beginning(at)
        end = (await consumer.end_offsets([at]))[at]
        while await consumer.position(at) < end:
            records += (await consumer.getmany(at, timeout_ms=1_000)).get(at, [])
    finally:
        await consumer.stop()
    return records
