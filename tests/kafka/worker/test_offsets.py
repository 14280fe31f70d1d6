"""Where a worker begins, and where it refuses to: offsets, claims and what is left of the topic."""

import asyncio

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import NewTopic, RecordsToDelete
from aiokafka.structs import OffsetAndMetadata

from joblog.processors.worker.claims import Claim
from joblog.processors.worker.errors import (
    ClaimOfOtherLogError,
    ClaimUnreadableError,
    WorkGoneError,
)
from joblog.schemas.models import (
    AttemptSucceeded,
)
from joblog.streams.kafka import KafkaPublisher, check_topics, connected_admin
from joblog.streams.kafka.purge import Purge
from joblog.streams.settings import Settings
from joblog.streams.topics import TopicMap
from tests.kafka.running import eventually
from tests.kafka.worker.conftest import StartProcess
from tests.kafka.worker.running import (
    LANE,
    Feeder,
    Follower,
    Ledger,
    commit_from_outside,
    consumer_of,
    make_worker,
)

SECONDS = 30.0


async def test_a_claim_of_another_log_stops_a_worker(
    settings: Settings, publisher: KafkaPublisher
) -> None:
    claim = Claim("another-log", "w", (5, 0), b"").encode()
    await commit_from_outside(settings, {0: OffsetAndMetadata(0, claim)})
    worker = await make_worker(settings, publisher)
    async with asyncio.timeout(SECONDS):
        with pytest.raises(ClaimOfOtherLogError, match="is of log another-log"):
            await worker.run()


async def test_a_claim_that_cannot_be_read_stops_a_worker(
    settings: Settings, publisher: KafkaPublisher
) -> None:
    await commit_from_outside(settings, {1: OffsetAndMetadata(0, '{"v":99}')})
    worker = await make_worker(settings, publisher)
    async with asyncio.timeout(SECONDS):
        with pytest.raises(ClaimUnreadableError, match="version 99, known is 1"):
            await worker.run()


async def test_an_offset_that_an_operator_has_reset_is_run_from(
    settings: Settings,
    feeder: Feeder,
    events: Follower,
    ledger: Ledger,
    start_process: StartProcess,
) -> None:
    await feeder.jobs("note", 20)
    first = await start_process()
    await events.until(lambda: len(events.of(AttemptSucceeded)) == 20)
    assert await first.stop() == 0
    await commit_from_outside(settings, {n: OffsetAndMetadata(0, "") for n in (0, 1)})
    await start_process()
    await ledger.has("ran", 40)


async def test_records_that_are_gone_stop_a_worker(
    settings: Settings, publisher: KafkaPublisher, feeder: Feeder, start_process: StartProcess
) -> None:
    await feeder.jobs("note", 40)
    work = TopicMap.of(settings).work(LANE).name
    await commit_from_outside(settings, {0: OffsetAndMetadata(1, "")})
    async with connected_admin(settings) as admin:
        await admin.delete_records({TopicPartition(work, 0): RecordsToDelete(before_offset=5)})
    worker = await make_worker(settings, publisher)
    async with asyncio.timeout(SECONDS):
        with pytest.raises(WorkGoneError, match="outside of the topic"):
            await worker.run()
    process = await start_process()
    assert await process.ends() == 1


async def test_a_work_topic_that_was_made_anew_stops_a_worker_that_was_further(
    settings: Settings, publisher: KafkaPublisher
) -> None:
    work = TopicMap.of(settings).work(LANE)
    async with connected_admin(settings) as admin:
        await admin.delete_topics([work.name])

        async def gone() -> bool:
            return work.name not in await admin.list_topics()

        await eventually(gone)
        new = NewTopic(work.name, work.partitions, 1, topic_configs=dict(work.config))
        await admin.create_topics([new])
    await commit_from_outside(settings, {0: OffsetAndMetadata(7, "")})
    worker = await make_worker(settings, publisher)
    async with asyncio.timeout(SECONDS):
        with pytest.raises(WorkGoneError):
            await worker.run()


async def test_a_claim_of_a_topic_that_is_gone_says_nothing_about_the_one_that_is_there(
    settings: Settings, feeder: Feeder, ledger: Ledger, start_process: StartProcess
) -> None:
    await feeder.jobs("note", 40)
    log_id = (await check_topics(settings)).log_id
    claim = Claim(log_id, "gone", (9_999, 0), bytes([2]) * 3, "the topic before").encode()
    await commit_from_outside(settings, {n: OffsetAndMetadata(5, claim) for n in (0, 1)})
    await start_process()
    await ledger.has("ran", 40)


async def test_what_is_done_is_deleted(settings: Settings, feeder: Feeder) -> None:
    await feeder.jobs("note", 40)
    at = [TopicPartition(TopicMap.of(settings).work(LANE).name, n) for n in (0, 1)]
    purge = Purge(settings.model_copy(update={"purge_interval_ms": 50}))
    topic_id = (await check_topics(settings)).topic_ids[at[0].topic]
    purge.committed(at[0], 5, topic_id)
    purge.committed(at[0], 7, topic_id)
    purging = asyncio.create_task(purge.run())
    async with consumer_of(settings) as consumer:

        async def deleted() -> bool:
            found: dict[TopicPartition, int] = await consumer.beginning_offsets(at)
            return found == {at[0]: 7, at[1]: 0}

        await eventually(deleted)
        purge.committed(at[1], 3, topic_id)

        async def more() -> bool:
            found: dict[TopicPartition, int] = await consumer.beginning_offsets(at)
            return found == {at[0]: 7, at[1]: 3}

        await eventually(more)
    purging.cancel()
    await asyncio.wait([purging])
