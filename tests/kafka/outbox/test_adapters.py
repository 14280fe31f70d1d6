"""A job is in the log if, and only if, the transaction that submitted it was committed."""

import asyncio
import json
import os
import sys
from collections.abc import Iterator
from contextlib import suppress

import asyncpg
import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import Session

from joblog import Options
from joblog.outbox import asyncpg as outbox_of_asyncpg
from joblog.outbox import sqlalchemy as outbox_of_sqlalchemy
from joblog.schemas.models import JobSubmitted
from joblog.streams.settings import Settings
from tests.kafka.outbox.conftest import Connection
from tests.kafka.outbox.running import MAIL, TYPE, Events, drain
from tests.kafka.running import CODEC, ROOT

OPTIONS: Options = {"idempotency_key": "order-17", "tenant": "acme"}


class ChangedMindError(Exception):
    """Rolls a block back."""


def for_driver(database_url: str, driver: str) -> str:
    return database_url.replace("postgresql://", f"postgresql+{driver}://")


@pytest.fixture
def engine(settings: Settings, database_url: str) -> Iterator[Engine]:
    assert settings.outbox.database_url
    engine = create_engine(for_driver(database_url, "psycopg"))
    yield engine
    engine.dispose()


async def assert_published(settings: Settings, events: Events, job_ids: list[str]) -> None:
    """Assert that each of these jobs is submitted once, and that nothing else is."""
    await drain(settings)
    submitted = await events.submitted()
    assert {job_id: len(values) for job_id, values in submitted.items()} == dict.fromkeys(
        job_ids, 1
    )


async def test_asyncpg(settings: Settings, connection: Connection, events: Events) -> None:
    submit, committed = outbox_of_asyncpg.submit, []
    async with connection.transaction():
        committed.append(await submit(connection, TYPE, MAIL, **OPTIONS))
        with suppress(ChangedMindError):
            async with connection.transaction():
                await submit(connection, TYPE, MAIL)
                raise ChangedMindError
        async with connection.transaction():
            committed.append(await submit(connection, TYPE, MAIL))
    with suppress(ChangedMindError):
        async with connection.transaction():
            await submit(connection, TYPE, MAIL)
            raise ChangedMindError
    committed.append(await submit(connection, TYPE, MAIL))
    assert committed[0] == "acme/send-mail/order-17"
    await assert_published(settings, events, committed)


async def test_a_connection_of_an_asyncpg_pool(
    settings: Settings, events: Events, database_url: str
) -> None:
    async with (
        asyncpg.create_pool(database_url, min_size=1) as pool,
        pool.acquire() as connection,
        connection.transaction(),
    ):
        committed = await outbox_of_asyncpg.submit(connection, TYPE, MAIL)
    await assert_published(settings, events, [committed])


async def test_sqlalchemy_session(settings: Settings, engine: Engine, events: Events) -> None:
    submit, committed = outbox_of_sqlalchemy.submit, []
    with Session(engine) as session, session.begin():
        committed.append(submit(session, TYPE, MAIL, **OPTIONS))
        with suppress(ChangedMindError), session.begin_nested():
            submit(session, TYPE, MAIL)
            raise ChangedMindError
        with session.begin_nested():
            committed.append(submit(session, TYPE, MAIL))
    with suppress(ChangedMindError), Session(engine) as session, session.begin():
        submit(session, TYPE, MAIL)
        raise ChangedMindError
    with Session(engine) as session:
        submit(session, TYPE, MAIL)  # and nobody commits
    assert committed[0] == "acme/send-mail/order-17"
    await assert_published(settings, events, committed)


async def test_sqlalchemy_connection(settings: Settings, engine: Engine, events: Events) -> None:
    submit = outbox_of_sqlalchemy.submit
    with engine.begin() as connection:
        committed = submit(connection, TYPE, MAIL)
    with suppress(ChangedMindError), engine.begin() as connection:
        submit(connection, TYPE, MAIL)
        raise ChangedMindError
    await assert_published(settings, events, [committed])


async def test_sqlalchemy_with_asyncio(
    settings: Settings, events: Events, database_url: str
) -> None:
    submit, committed = outbox_of_sqlalchemy.submit_async, []
    engine = create_async_engine(for_driver(database_url, "asyncpg"))
    async with AsyncSession(engine) as session, session.begin():
        committed.append(await submit(session, TYPE, MAIL, **OPTIONS))
        with suppress(ChangedMindError):
            async with session.begin_nested():
                await submit(session, TYPE, MAIL)
                raise ChangedMindError
    async with engine.begin() as connection:
        committed.append(await submit(connection, TYPE, MAIL))
    with suppress(ChangedMindError):
        async with AsyncSession(engine) as session, session.begin():
            await submit(session, TYPE, MAIL)
            raise ChangedMindError
    await engine.dispose()
    await assert_published(settings, events, committed)


async def test_the_right_to_insert_is_enough_to_submit(
    settings: Settings, engine: Engine, connection: Connection, events: Events
) -> None:
    role = f"writer_{os.getpid()}"
    with engine.begin() as setup:
        setup.execute(text(f"CREATE ROLE {role}; GRANT INSERT ON joblog_outbox TO {role}"))
    with engine.begin() as writer:
        writer.execute(text(f"SET ROLE {role}"))
        committed = [outbox_of_sqlalchemy.submit(writer, TYPE, MAIL)]
        writer.execute(text("RESET ROLE"))
    await connection.execute(f"SET ROLE {role}")
    committed.append(await outbox_of_asyncpg.submit(connection, TYPE, MAIL))
    await connection.execute(f"RESET ROLE; DROP OWNED BY {role}; DROP ROLE {role}")
    await assert_published(settings, events, committed)


async def test_django(settings: Settings, events: Events, database_url: str) -> None:
    """Its migration finds the table that is there already, so it is made anew."""
    connection = await asyncpg.connect(database_url)
    await connection.execute("DROP TABLE joblog_outbox")
    await connection.close()
    program = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.kafka.outbox.django_program", "submit"),
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": database_url},
        stdout=asyncio.subprocess.PIPE,
    )
    output, _ = await program.communicate()
    assert program.returncode == 0
    committed = json.loads(output)
    assert committed[0] == "default/send-mail/order-17"
    await assert_published(settings, events, committed)
    [record] = (await events.submitted())[committed[1]]
    event = CODEC.decode(record)
    assert isinstance(event, JobSubmitted)
    assert event.priority == 9
