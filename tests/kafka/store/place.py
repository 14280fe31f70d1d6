"""Changelogs on the tests' broker, and stores over them."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic, RecordsToDelete

from joblog.streams.kafka.topic_metadata import TopicMetadata, topic_metadata
from joblog.streams.store import Changelog, Derivation, KafkaStore, MemoryBudget, Reached
from joblog.streams.store.abc import ignore
from joblog.streams.topics import Topic, TopicMap
from tests.kafka.store.model import DERIVATION, commit_up_to

PARTITIONS: Final = 3
POLL_SECONDS: Final = 0.05
MEMORY: Final = MemoryBudget()


def wall_clock() -> int:
    return int(time.time() * 1_000)


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    """Ask for a condition again and again until it holds."""
    while not await condition():  # noqa: ASYNC110 - Kafka and the system send no signal
        await asyncio.sleep(POLL_SECONDS)


@dataclass
class Place:
    """The changelogs of one test."""

    bootstrap_servers: str
    namespace: str
    disks: Path
    topics: TopicMap = field(init=False)
    stores: list[KafkaStore] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        self.topics = TopicMap(self.namespace, partitions=PARTITIONS)

    @property
    def tables(self) -> tuple[Topic, Topic]:
        return self.topics.table_jobs, self.topics.table_log

    def changelog(self, partition: int = 0) -> Changelog:
        return Changelog.of(self.topics, partition)

    def directory(self, partition: int = 0, disk: str = "disk") -> Path:
        return self.disks / disk / str(partition)

    def store(
        self,
        partition: int = 0,
        disk: str = "disk",
        *,
        now: int | None = None,
        derivation: Derivation = DERIVATION,
        reached: Reached = ignore,
    ) -> KafkaStore:
        """A store, not yet open; it is closed with the place if not before."""
        store = KafkaStore(
            self.changelog(partition),
            self.directory(partition, disk),
            MEMORY,
            derivation,
            client={"bootstrap_servers": [self.bootstrap_servers]},
            clock=wall_clock if now is None else lambda: now,
            reached=reached,
        )
        self.stores.append(store)
        return store

    async def close(self) -> None:
        """Close all stores that were made."""
        for store in self.stores:
            await store.close()

    async def create(self, config: Mapping[str, str] | None = None) -> None:
        """Create the topics; `config` overrides that of the map."""
        topics = [
            NewTopic(
                topic.name,
                topic.partitions,
                topic.replication_factor,
                topic_configs={**topic.config, **(config or {})},
            )
            for topic in self.tables
        ]
        async with self._admin() as admin:
            created: Any = await admin.create_topics(topics)
            assert {code for _, code, _ in created.topic_errors} == {0}, created

            async def all_have_leaders() -> bool:
                found = await self._described(admin)
                return len(found) == len(topics) and all(it.has_leaders for it in found.values())

            await until(all_have_leaders)

    async def delete(self) -> None:
        """Delete the topics and wait until they are gone."""
        async with self._admin() as admin:
            await admin.delete_topics([topic.name for topic in self.tables])

            async def are_gone() -> bool:
                return not await self._described(admin)

            await until(are_gone)

    async def delete_records(self, topic: Topic, before: int, partition: int = 0) -> None:
        """Delete the records of a topic before an offset."""
        async with self._admin() as admin:
            await admin.delete_records(
                {TopicPartition(topic.name, partition): RecordsToDelete(before_offset=before)}
            )

    async def records(self, topic: Topic, partition: int = 0) -> list[ConsumerRecord[bytes, bytes]]:
        """All records of a topic that compaction has left, also those of no committed transaction."""
        part = TopicPartition(topic.name, partition)
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self.bootstrap_servers, auto_offset_reset="earliest"
        )
        await consumer.start()
        try:
            consumer.assign([part])
            await consumer.seek_to_beginning(part)
            end = (await consumer.end_offsets([part]))[part]
            found: list[ConsumerRecord[bytes, bytes]] = []
            while await consumer.position(part) < end:
                found += (await consumer.getmany(part, timeout_ms=200)).get(part, [])
            return found
        finally:
            await consumer.stop()

    @asynccontextmanager
    async def _admin(self) -> AsyncIterator[AIOKafkaAdminClient]:
        admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap_servers)
        await admin.start()
        try:
            yield admin
        finally:
            await admin.close()

    async def _described(self, admin: AIOKafkaAdminClient) -> dict[str, TopicMetadata]:
        return await topic_metadata(admin, [topic.name for topic in self.tables])


async def leave_state(place: Place, number: int, disk: str = "disk", partition: int = 0) -> None:
    """Open, commit up to a number, close."""
    store = place.store(partition, disk)
    await store.open()
    await commit_up_to(store, number)
    await store.close()
