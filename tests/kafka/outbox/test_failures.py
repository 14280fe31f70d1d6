"""What ends a relay, and what it says then."""

import os
import signal
from collections.abc import Callable

import pytest

from joblog.outbox.asyncpg import submit
from joblog.outbox.database import Database
from joblog.outbox.errors import (
    DatabaseUnavailableError,
    EntriesUnconfirmedError,
    OutboxTableMissingError,
)
from joblog.streams.broker import EmbeddedBroker
from joblog.streams.broker.ports import free_port
from joblog.streams.kafka import ensure_topics
from joblog.streams.machine_clock import now_ms
from joblog.streams.settings import Settings
from tests.kafka.outbox.conftest import Connection
from tests.kafka.outbox.running import (
    MAIL,
    TYPE,
    depth_of,
    drain,
    relaying,
)


async def test_a_broker_that_hangs_ends_it_and_the_entries_stay(
    settings: Settings,
    connection: Connection,
    make_broker: Callable[..., EmbeddedBroker],
) -> None:
    broker = make_broker()
    broker.start()
    there = settings.model_copy(update={"bootstrap_servers": broker.bootstrap_servers})
    await ensure_topics(there, now_ms())
    hasty = {
        "request_timeout_ms": 3_000,
        "producer": settings.producer.model_copy(update={"delivery_timeout_ms": 3_500}),
    }
    away = there.model_copy(update=hasty)
    await submit(connection, TYPE, MAIL)
    async with relaying(away) as relay:
        await relay.relay_batch()
        await submit(connection, TYPE, MAIL)
        os.kill(broker.pid, signal.SIGSTOP)
        try:
            with pytest.raises(EntriesUnconfirmedError, match="1 entries were not acknowledged"):
                await relay.relay_batch()
        finally:
            os.kill(broker.pid, signal.SIGCONT)
    assert (await depth_of(settings)).waiting == 1


async def test_without_its_table_it_says_how_to_make_it(
    settings: Settings, connection: Connection
) -> None:
    await connection.execute("DROP TABLE joblog_outbox")
    with pytest.raises(OutboxTableMissingError, match="joblog outbox create"):
        await drain(settings)


@pytest.mark.parametrize("wrong", ["port", "database"])
async def test_without_its_database_it_says_where_it_looked_and_no_password(
    settings: Settings, database_url: str, wrong: str
) -> None:
    changed = database_url.replace("joblog@", "joblog:correct-horse@")
    head, _, name = changed.rpartition("/")
    no_server = f"{head.rpartition(':')[0]}:{free_port()}/{name}"
    changed = {"port": no_server, "database": f"{head}/nobody"}[wrong]
    away = Settings(bootstrap_servers=settings.bootstrap_servers, outbox={"database_url": changed})
    with pytest.raises(DatabaseUnavailableError, match=r"127\.0\.0\.1:\d+/") as caught:
        async with Database(away):
            pass
    assert "correct-horse" not in f"{caught.value} {caught.value!r} {caught.value.__cause__!r}"
