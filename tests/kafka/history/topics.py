"""Makes and changes the topics of a planted log."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic, RecordsToDelete
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

PARTITIONS: Final = 2
"""So that `1 - partition` is the other one."""

COMPACTED: Final = ("control", "table.jobs", "table.log")
KEPT: Final = ("events", "work.default", "work.bulk", "delay.now", "delay.1s", "dlq")
POLL_SECONDS: Final = 0.02


async def create_topics(bootstrap: str, namespace: str) -> None:
    """Make the topics of a namespace."""
    wanted = {f"{namespace}.{suffix}": suffix for suffix in (*KEPT, *COMPACTED)}
    async with _admin(bootstrap) as admin:
        await admin.create_topics([_topic(name, suffix) for name, suffix in wanted.items()])
        while not wanted.keys() <= set(await admin.list_topics()):  # noqa: ASYNC110 - no signal
            await asyncio.sleep(POLL_SECONDS)


async def delete_records(bootstrap: str, topic: str, partition: int, before: int) -> None:
    """Delete the records of a partition below an offset."""
    async with _admin(bootstrap) as admin:
        await admin.delete_records({TopicPartition(topic, partition): RecordsToDelete(before)})


async def set_timestamp_type(bootstrap: str, topic: str, timestamp_type: str) -> None:
    """Change where a topic's timestamps come from."""
    configs = {"message.timestamp.type": timestamp_type}
    async with _admin(bootstrap) as admin:
        await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, configs)])


@asynccontextmanager
async def _admin(bootstrap: str) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        yield admin
    finally:
        await admin.close()


def _topic(name: str, suffix: str) -> NewTopic:
    configs = {"message.timestamp.type": "LogAppendTime"}
    if suffix in COMPACTED:
        configs["cleanup.policy"] = "compact"
    partitions = 1 if suffix == "control" else PARTITIONS
    return NewTopic(name, partitions, 1, topic_configs=configs)
