"""Follows a compacted topic of one partition: what is there first, then what comes."""

import asyncio
from collections.abc import AsyncIterator
from typing import Final

from aiokafka import AIOKafkaConsumer, TopicPartition

from joblog.streams.kafka.client import client_options
from joblog.streams.kafka.inbound import inbound
from joblog.streams.records import Inbound
from joblog.streams.settings import Settings

POLL_MS: Final = 500


class Follower:
    """Reads a topic from its beginning, without a group and for as long as it is asked.

    Attributes:
        caught_up: set once everything has been handed out that was there at the start.
    """

    def __init__(self, settings: Settings, topic: str) -> None:
        """Follow partition 0 of a topic."""
        self._settings = settings
        self._partition = TopicPartition(topic, 0)
        self.caught_up = asyncio.Event()

    async def records(self) -> AsyncIterator[Inbound]:
        """Yield each record; end only when the iterator is closed."""
        consumer = AIOKafkaConsumer(
            **client_options(self._settings),
            enable_auto_commit=False,
            isolation_level="read_committed",
            fetch_max_wait_ms=POLL_MS,
        )
        try:
            await consumer.start()
            # Asked before anything is assigned: later it would wait behind the first long poll.
            end = (await consumer.end_offsets([self._partition]))[self._partition]
            consumer.assign([self._partition])
            await consumer.seek_to_beginning(self._partition)
            while True:
                if await consumer.position(self._partition) >= end:
                    self.caught_up.set()
                batches = await consumer.getmany(self._partition, timeout_ms=POLL_MS)
                for record in batches.get(self._partition, ()):
                    yield inbound(record)
        finally:
            await consumer.stop()
