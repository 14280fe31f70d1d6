"""However it is made, the table is the same."""

import asyncio
import os
import sys
from collections.abc import Callable
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import MetaData, create_engine

from joblog.outbox.sqlalchemy import outbox_table
from tests.kafka.cli.running import joblog
from tests.kafka.outbox.server import PostgresServer
from tests.kafka.running import ROOT

COLUMNS = """
    SELECT column_name, data_type, is_nullable, column_default, identity_generation
    FROM information_schema.columns WHERE table_name = 'joblog_outbox' AND table_schema = 'public'
    ORDER BY ordinal_position"""
INDEXES = "SELECT indexdef FROM pg_indexes WHERE tablename = 'joblog_outbox' ORDER BY indexdef"

EXPECTED_COLUMNS = [
    ("position", "bigint", "NO", None, "BY DEFAULT"),
    ("job_id", "text", "NO", None, None),
    ("record", "bytea", "NO", None, None),
    ("payload_schema", "text", "NO", None, None),
    ("traceparent", "text", "YES", None, None),
    ("submitted_at", "timestamp with time zone", "NO", "statement_timestamp()", None),
    ("refused", "text", "YES", None, None),
]
EXPECTED_INDEXES = [
    ('CREATE UNIQUE INDEX joblog_outbox_pkey ON public.joblog_outbox USING btree ("position")',)
]


async def by_command(url: str) -> None:
    result = await joblog("outbox", "create", env={"JOBLOG_OUTBOX__DATABASE_URL": url})
    assert result.code == 0, result.err


async def by_sqlalchemy(url: str) -> None:
    metadata = MetaData(schema="elsewhere")
    outbox_table(metadata)
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    await asyncio.to_thread(metadata.create_all, engine)
    engine.dispose()


async def by_django(url: str) -> None:
    program = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.kafka.outbox.django_program"),
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": url},
    )
    assert await program.wait() == 0


@pytest.mark.parametrize("make", [by_command, by_sqlalchemy, by_django])
async def test_the_table_is_the_same(postgres: PostgresServer, make: Callable[..., object]) -> None:
    url = postgres.new_database()
    await make(url)  # type: ignore[misc]  # each of them is a coroutine function
    connection = await asyncpg.connect(url)
    columns = [tuple(row) for row in await connection.fetch(COLUMNS)]
    indexes = [tuple(row) for row in await connection.fetch(INDEXES)]
    await connection.close()
    assert columns == EXPECTED_COLUMNS
    assert indexes == EXPECTED_INDEXES


async def test_to_make_it_again_changes_nothing(postgres: PostgresServer, tmp_path: Path) -> None:
    url = postgres.new_database()
    await by_command(url)
    connection = await asyncpg.connect(url)
    await connection.execute(
        "INSERT INTO joblog_outbox (job_id, record, payload_schema) VALUES ('a', '', '')"
    )
    result = await joblog(
        "outbox", "create", env={"JOBLOG_OUTBOX__DATABASE_URL": url}, cwd=tmp_path
    )
    assert (result.code, "table is there, in 127.0.0.1" in result.err) == (0, True)
    assert await connection.fetchval("SELECT count(*) FROM joblog_outbox") == 1
    await connection.close()


async def test_a_schema_of_its_own_is_found_by_the_search_path(postgres: PostgresServer) -> None:
    url = postgres.new_database()
    connection = await asyncpg.connect(url)
    await connection.execute("CREATE SCHEMA app")
    await by_command(f"{url}?search_path=app")
    found = await connection.fetchval(
        "SELECT table_schema FROM information_schema.tables WHERE table_name = 'joblog_outbox'"
    )
    await connection.close()
    assert found == "app"
