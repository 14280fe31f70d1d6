"""A broker that does not answer ends a worker or costs nothing; it never makes it forget a claim."""

import asyncio
import os
import signal
from collections.abc import Callable

import pytest

from joblog.processors.worker.claims import RecordState
from joblog.schemas.models import (
    AttemptFailed,
    AttemptLost,
    AttemptSucceeded,
)
from joblog.streams.broker import EmbeddedBroker
from joblog.streams.errors import KafkaUnavailableError
from joblog.streams.kafka import KafkaPublisher, ensure_topics
from joblog.streams.machine_clock import now_ms
from joblog.streams.settings import Settings
from joblog.streams.topics import TopicMap
from tests.kafka.running import eventually
from tests.kafka.worker.conftest import StartProcess
from tests.kafka.worker.running import Feeder, Follower, Ledger, committed


@pytest.fixture
async def patient_broker(make_broker: Callable[..., EmbeddedBroker]) -> EmbeddedBroker:
    """A broker that is not fenced for its silence: once it goes on, clients would find none for a while."""
    broker = make_broker(overrides={"broker.session.timeout.ms": "120000"})
    await asyncio.to_thread(broker.start)
    return broker


@pytest.fixture
async def own_broker(make_broker: Callable[..., EmbeddedBroker]) -> EmbeddedBroker:
    broker = make_broker()
    await asyncio.to_thread(broker.start)
    return broker


async def answers(settings: Settings) -> bool:
    """Whether the broker serves: one that was silent for long has to be let in again first."""
    try:
        await committed(settings)
    except KafkaUnavailableError:
        return False
    return True


async def test_a_failed_publish_ends_it_before_it_commits_anything_more(
    patient_broker: EmbeddedBroker, start_process: StartProcess, ledger: Ledger
) -> None:
    settings = Settings(
        bootstrap_servers=patient_broker.bootstrap_servers,
        partitions=1,
        session_timeout_ms=3_000,
        heartbeat_interval_ms=900,
    )
    await ensure_topics(settings, now_ms())
    events_topic = TopicMap.of(settings).events.name
    process = await start_process(
        settings,
        JOBLOG_REQUEST_TIMEOUT_MS="1000",
        JOBLOG_PRODUCER__DELIVERY_TIMEOUT_MS="1000",
        JOBLOG_WORKER__CONCURRENCY="5",
    )
    async with KafkaPublisher(settings) as publisher:
        await Feeder(settings, publisher, ledger).jobs("gate", 20)
    await ledger.has("began", 5)
    begun = set(ledger.jobs("began"))
    os.kill(patient_broker.pid, signal.SIGSTOP)
    ledger.open_gate()
    assert await process.ends() == 1
    os.kill(patient_broker.pid, signal.SIGCONT)
    await eventually(lambda: answers(settings))
    [(offset, claim)] = (await committed(settings)).values()
    assert offset == 0
    assert RecordState.SETTLED not in claim.states
    successor = await start_process(settings)
    async with Follower(settings, events_topic, 1) as events:
        await events.until(
            lambda: len({*events.jobs(AttemptSucceeded), *events.jobs(AttemptLost)}) == 20
        )
        assert set(events.jobs(AttemptLost)) >= begun
        # Reports that were not acknowledged may be in the log all the same: they lay in the broker's socket.
    assert await successor.stop() == 0
    assert len(ledger.jobs("ran")) == len(set(ledger.jobs("ran")))


async def test_a_broker_that_dies_and_comes_back_costs_nothing(
    own_broker: EmbeddedBroker, start_process: StartProcess, ledger: Ledger
) -> None:
    settings = Settings(
        bootstrap_servers=own_broker.bootstrap_servers, partitions=2, session_timeout_ms=30_000
    )
    await ensure_topics(settings, now_ms())
    events_topic = TopicMap.of(settings).events.name
    process = await start_process(settings, JOBLOG_WORKER__CONCURRENCY="5")
    async with KafkaPublisher(settings) as publisher:
        feeder = Feeder(settings, publisher, ledger)
        jobs = await feeder.jobs("note", 2_000)
        await ledger.has("ran", 100)
        await asyncio.to_thread(own_broker.kill)
        await asyncio.to_thread(own_broker.start)
        jobs += await feeder.jobs("note", 100, "later")
    async with Follower(settings, events_topic, 2) as events:
        await events.until(lambda: len(events.of(AttemptSucceeded)) >= len(jobs))
        assert sorted(events.jobs(AttemptSucceeded)) == sorted(jobs)
        assert events.of(AttemptFailed) == []
    assert await process.stop() == 0
    assert sorted(ledger.jobs("ran")) == sorted(jobs)
