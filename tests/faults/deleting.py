"""Deletes topics, as an operator does by mistake."""

from typing import Any

from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.admin import NewTopic

from joblog.streams.kafka import connected_admin
from joblog.streams.kafka.log_reader import LogReader
from joblog.streams.kafka.topic_metadata import topic_metadata
from joblog.streams.settings import Settings
from joblog.streams.topics import Topic


async def deleted(settings: Settings, topic: Topic) -> "list[ConsumerRecord[Any, Any]]":
    """Delete a topic that nobody writes to now, and return its records."""
    partitions = [TopicPartition(topic.name, number) for number in range(topic.partitions)]
    async with LogReader(settings) as reader:
        ends, before = await reader.ends(partitions), None
        while ends != before:  # what is on its way arrives
            before, ends = ends, await reader.ends(partitions)
        starts = await reader.starts(partitions)
        records = [record async for batch in reader.read(starts) for record in batch]
    await delete(settings, topic)
    return records


async def delete(settings: Settings, topic: Topic) -> None:
    """Delete a topic, and wait until that is so."""
    async with connected_admin(settings) as admin:
        before = await topic_metadata(admin, [topic.name])
        await admin.delete_topics([topic.name])
        while await topic_metadata(admin, [topic.name]) == before:
            pass  # other than its answer says, the broker still knows it for a moment


async def create(settings: Settings, topic: Topic) -> None:
    """Create a topic with nothing in it."""
    async with connected_admin(settings) as admin:
        new = NewTopic(topic.name, topic.partitions, 1, topic_configs=dict(topic.config))
        await admin.create_topics([new])
        while topic.name not in await topic_metadata(admin, [topic.name]):
            pass  # as above
