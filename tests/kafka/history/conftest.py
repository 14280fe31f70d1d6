"""A log on real topics for the tests of the history checker."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer

from tests.history.ledger import Ledger
from tests.kafka.history.planted import PlantedLog
from tests.kafka.history.topics import create_topics

RETRY_BACKOFF_MS = 20
"""New topics find their leaders within a few ms."""


@pytest.fixture
async def unopened(
    bootstrap_servers: str, namespace: str, tmp_path: Path
) -> AsyncIterator[PlantedLog]:
    """A log whose partitions are empty."""
    await create_topics(bootstrap_servers, namespace)
    ledger = Ledger(tmp_path / "effects.jsonl")
    ledger.path.touch()
    async with AIOKafkaProducer(
        bootstrap_servers=bootstrap_servers, retry_backoff_ms=RETRY_BACKOFF_MS
    ) as producer:
        yield PlantedLog(bootstrap_servers, namespace, producer, ledger=ledger)


@pytest.fixture
async def log(unopened: PlantedLog) -> PlantedLog:
    """An open log without jobs."""
    await unopened.open()
    return unopened
