"""How far an outbox is counted, and what becomes of its connection when that takes too long."""

import pytest

from joblog.outbox import stored
from joblog.outbox.asyncpg import submit
from joblog.outbox.database import Database
from joblog.outbox.errors import DatabaseUnavailableError
from joblog.streams.settings import Settings
from tests.kafka.cli.running import joblog
from tests.kafka.outbox.conftest import Connection
from tests.kafka.outbox.running import MAIL, TYPE, depth_of, drain, environment

COPY = """
    INSERT INTO joblog_outbox (job_id, record, payload_schema, refused)
    SELECT job_id, record, payload_schema, refused FROM joblog_outbox, generate_series(1, $1)"""


async def test_a_hundred_thousand_entries_are_counted_and_no_more(
    settings: Settings, connection: Connection
) -> None:
    await submit(connection, TYPE, MAIL)
    await connection.execute(COPY, stored.MOST_COUNTED - 1)
    depth = await depth_of(settings)
    assert (depth.waiting, depth.refused) == (100_000, 0)
    assert depth.oldest_seconds is not None
    assert 0 <= depth.oldest_seconds < 60

    await submit(connection, TYPE, MAIL)
    await submit(connection, TYPE, MAIL)
    assert (await depth_of(settings)).waiting == 100_001
    table = await joblog("outbox", "status", env=environment(settings))
    assert ">100,000" in table.out


async def test_refused_entries_are_counted_where_they_stand_before_what_waits(
    settings: Settings, connection: Connection
) -> None:
    await submit(connection, TYPE, MAIL)
    await connection.execute("UPDATE joblog_outbox SET refused = 'no submission'")
    await connection.execute(COPY, 2)
    await submit(connection, TYPE, MAIL)
    depth = await depth_of(settings)
    assert (depth.waiting, depth.refused) == (1, 3)
    await drain(settings)
    assert await depth_of(settings) == stored.Depth(0, None, 3)


async def test_a_statement_that_takes_too_long_is_given_up_and_the_next_one_is_answered(
    settings: Settings,
) -> None:
    async with Database(settings) as database:
        with pytest.raises(DatabaseUnavailableError, match="TimeoutError"):
            await database.fetch("SELECT pg_sleep(3600)", seconds=0.05)
        assert await database.fetch("SELECT 1") == [(1,)]
