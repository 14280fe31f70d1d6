"""Runs relays in the test's own process, and sees what they have published."""

import os
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from pydantic import BaseModel

from joblog.client.connection import KafkaConnection
from joblog.client.ids import Uuid7
from joblog.client.records import Records
from joblog.outbox.database import Database
from joblog.outbox.relay.metrics import RelayMetrics
from joblog.outbox.relay.relay import Relay
from joblog.outbox.stored import Depth, StoredEntries
from joblog.schemas.models import JobSubmitted
from joblog.streams.machine_clock import now_ms
from joblog.streams.settings import Settings
from joblog.streams.signals.metrics import Metrics
from joblog.streams.topics import TopicMap
from tests.kafka.running import CODEC, TopicFollower, environment_of


class Mail(BaseModel):
    to: str


MAIL = Mail(to="ada@example.org")
TYPE = "send-mail"


class Events(TopicFollower):
    """Reads what is submitted."""

    async def submitted(self) -> Mapping[str, list[bytes]]:
        """Read to the present end, and return the values of all submissions by their keys."""
        await self.until_caught_up()
        values = defaultdict[str, list[bytes]](list)
        for record in self.records:
            value = record.value or b""
            if isinstance(CODEC.decode(value), JobSubmitted):
                values[(record.key or b"").decode()].append(value)
        return values


@asynccontextmanager
async def relaying(settings: Settings, metrics: Metrics | None = None) -> AsyncIterator[Relay]:
    """Give a relay that does nothing by itself."""
    records = Records(TopicMap.of(settings), Uuid7(now_ms, os.urandom), now_ms)
    async with Database(settings) as database:
        log = KafkaConnection(settings)
        await log.open()
        try:
            told = RelayMetrics(metrics or Metrics())
            yield Relay(settings, database, log, records, metrics=told)
        finally:
            await log.close()


async def drain(settings: Settings, metrics: Metrics | None = None) -> None:
    """Relay until nothing is left that can be published."""
    async with relaying(settings, metrics) as relay:
        while await relay.relay_batch():
            pass


async def depth_of(settings: Settings) -> Depth:
    """Count what is in the outbox."""
    async with Database(settings) as database:
        return await StoredEntries(database).depth()


def environment(settings: Settings, **more: str) -> dict[str, str]:
    """Return the settings as variables of a process's environment, and further ones."""
    url = settings.outbox.database_url
    assert url is not None
    return {
        **environment_of(settings),
        "JOBLOG_OUTBOX__DATABASE_URL": url.get_secret_value(),
        "JOBLOG_OUTBOX__POLL_INTERVAL_MS": str(settings.outbox.poll_interval_ms),
        **more,
    }
