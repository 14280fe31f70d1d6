"""A member of the group that has nothing to read, or cannot, stays one while its process is alive."""

import asyncio
import time

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.abc import ConsumerRebalanceListener
from aiokafka.structs import TopicPartition

from joblog.streams.faust_app.group_consumer import GroupConsumer
from joblog.streams.faust_app.options import consumer_options
from joblog.streams.settings import Settings
from tests.kafka.faust_app.running import TIMEOUT, Log

MAX_POLL_SECONDS = 0.6


class Joins(ConsumerRebalanceListener):
    """Counts how often the partitions were assigned."""

    def __init__(self) -> None:
        self.count = 0
        self.joined = asyncio.Event()

    def on_partitions_revoked(self, revoked: object) -> None: ...

    async def on_partitions_assigned(self, assigned: object) -> None:
        del assigned
        self.count += 1
        self.joined.set()


@pytest.mark.parametrize("reads", [True, False])
async def test_asking_for_records_keeps_the_membership(log: Log, reads: bool) -> None:  # noqa: FBT001 - a parameter
    settings = Settings(
        bootstrap_servers=log.bootstrap_servers,
        namespace=log.namespace,
        session_timeout_ms=1_500,
        heartbeat_interval_ms=200,
    )
    options = consumer_options(settings) | {"max_poll_interval_ms": int(MAX_POLL_SECONDS * 1000)}
    member, joins = GroupConsumer(options), Joins()
    consumer: AIOKafkaConsumer = member
    await consumer.start()
    try:
        consumer.subscribe([log.topic], listener=joins)
        await asyncio.wait_for(joins.joined.wait(), TIMEOUT)
        partitions = {TopicPartition(log.topic, 0)} if reads else set()
        for partition in partitions:
            member.begin(partition, 0)
        end = time.monotonic() + 4 * MAX_POLL_SECONDS
        while time.monotonic() < end:
            await member.take(partitions)
            await member.arrival(MAX_POLL_SECONDS / 4)
        assert joins.count == 1
        assert member.generation > 0
    finally:
        await consumer.stop()
