"""`joblog outbox`, as an operator types it."""

import os

from joblog.outbox.asyncpg import submit
from joblog.streams.settings import Settings
from tests.kafka.cli.running import Command, joblog
from tests.kafka.outbox.conftest import Connection
from tests.kafka.outbox.running import MAIL, TYPE, drain, environment


async def test_status_shows_what_waits_and_what_was_refused(
    settings: Settings, connection: Connection
) -> None:
    env = environment(settings)
    empty = await joblog("outbox", "status", "--json", env=env)
    assert empty.json == {"waiting": 0, "oldest_seconds": None, "refused": 0, "refusals": []}

    refused = await submit(connection, TYPE, MAIL)
    await connection.execute("UPDATE joblog_outbox SET record = 'garbage'")
    await drain(settings)
    await submit(connection, TYPE, MAIL)
    status = (await joblog("outbox", "status", "--json", env=env)).json
    assert (status["waiting"], status["refused"]) == (1, 1)
    assert 0 <= status["oldest_seconds"] < 60
    [refusal] = status["refusals"]
    assert refusal["job_id"] == refused
    assert "not an event" in refusal["reason"]

    table = await joblog("outbox", "status", env=env)
    assert (table.code, refused in table.out, "not an event" in table.out) == (0, True, True)


async def test_the_relay_runs_until_it_is_asked_to_stop(
    settings: Settings, connection: Connection
) -> None:
    await submit(connection, TYPE, MAIL)
    relay = await Command.start("outbox", "relay", env={**os.environ, **environment(settings)})
    await relay.says("publishing the outbox in 127.0.0.1")
    result = await relay.stop()
    assert (result.code, "Traceback" in result.err) == (0, False)
    url = settings.outbox.database_url
    assert url is not None
    assert url.get_secret_value() not in result.err


async def test_without_a_database_a_command_says_which_setting_is_missing() -> None:
    result = await joblog("outbox", "status", env={})
    assert (result.code, "JOBLOG_OUTBOX__DATABASE_URL" in result.err) == (2, True)
    assert "Traceback" not in result.err
