"""SIGKILL and SIGSTOP between any two steps: no job is lost, and none is there that was not committed."""

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from contextlib import suppress
from functools import partial

import pytest

from joblog.outbox.asyncpg import submit
from joblog.outbox.relay.steps import RelayStep
from joblog.streams.settings import Settings
from tests.kafka.outbox.conftest import Connection, StartRelay
from tests.kafka.outbox.running import MAIL, TYPE, Events, depth_of, drain
from tests.kafka.running import ROOT, Process, eventually

BATCH = 5
SMALL = {"JOBLOG_OUTBOX__BATCH_ENTRIES": str(BATCH)}


class ChangedMindError(Exception):
    """Rolls a block back."""


async def take_orders(connection: Connection, orders: int) -> None:
    """Commit orders, each with its job, and roll as many back."""
    for number in range(2 * orders):
        with suppress(ChangedMindError):
            async with connection.transaction():
                job_id = await submit(connection, TYPE, MAIL)
                await connection.execute("INSERT INTO orders VALUES ($1)", job_id)
                if number % 2:
                    raise ChangedMindError


async def assert_each_order_has_its_job(
    connection: Connection, events: Events
) -> Mapping[str, list[bytes]]:
    """Assert that the jobs are those of the orders, and that what is repeated is the same, byte for byte."""
    submitted = await events.submitted()
    orders = {row["job_id"] for row in await connection.fetch("SELECT job_id FROM orders")}
    assert set(submitted) == orders
    assert all(len(set(values)) == 1 for values in submitted.values())
    return submitted


async def test_a_relay_killed_at_any_step_loses_nothing_and_adds_nothing(
    settings: Settings, connection: Connection, events: Events, start_relay: StartRelay
) -> None:
    dying = {step: await start_relay(STEP=step, **SMALL) for step in RelayStep}
    while any(relay.process.returncode is None for relay in dying.values()):
        await take_orders(connection, orders=5)
    assert {relay.process.returncode for relay in dying.values()} == {-signal.SIGKILL}
    await eventually(partial(nobody_else_is_connected, connection))
    await drain(settings)
    submitted = await assert_each_order_has_its_job(connection, events)
    repeated = [job_id for job_id, values in submitted.items() if len(values) > 1]
    assert repeated, "two were killed after they had published and before they had committed"
    assert (await depth_of(settings)).waiting == 0


@pytest.mark.parametrize("dies", ["before commit", "after commit"])
async def test_a_program_killed_around_its_commit_has_its_order_and_its_job_or_neither(
    settings: Settings, connection: Connection, events: Events, database_url: str, dies: str
) -> None:
    variables = {"DATABASE_URL": database_url, "ORDERS": "5", "DIES": dies}
    program = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.kafka.outbox.dying_submitter"),
        cwd=ROOT,
        env={**os.environ, **variables},
    )
    assert await program.wait() == -signal.SIGKILL
    await eventually(partial(nobody_else_is_connected, connection))
    await drain(settings)
    submitted = await assert_each_order_has_its_job(connection, events)
    assert len(submitted) == (4 if dies == "before commit" else 5)


async def nobody_else_is_connected(connection: Connection) -> bool:
    others: int = await connection.fetchval(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
        "AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
    )
    return others == 0


async def test_relays_that_hang_lose_their_locks_and_harm_nothing_when_they_wake_up(
    settings: Settings, connection: Connection, events: Events, start_relay: StartRelay
) -> None:
    short = SMALL | {
        "JOBLOG_REQUEST_TIMEOUT_MS": "2000",
        "JOBLOG_PRODUCER__DELIVERY_TIMEOUT_MS": "2000",
    }
    steps = (RelayStep.TAKEN, RelayStep.PUBLISHED, RelayStep.REMOVED)
    held = len(steps) * BATCH
    await take_orders(connection, orders=held + 1)
    hanging = [await start_relay(STEP=step, SIGNAL="SIGSTOP", **short) for step in steps]
    for relay in hanging:
        await eventually(partial(is_stopped, relay))
    await drain(settings)
    assert (await depth_of(settings)).waiting >= BATCH, "they still have their locks"
    await eventually(partial(nobody_else_is_connected, connection))
    await drain(settings)
    assert (await depth_of(settings)).waiting == 0
    for relay in hanging:
        relay.process.send_signal(signal.SIGCONT)
        assert await relay.ends() == 1
    submitted = await assert_each_order_has_its_job(connection, events)
    repeated = [job_id for job_id, values in submitted.items() if len(values) > 1]
    assert len(repeated) >= 2 * BATCH, "two of them had published before they hung"


async def is_stopped(relay: Process) -> bool:
    with open(f"/proc/{relay.process.pid}/stat", encoding="utf-8") as stat:  # noqa: ASYNC230, PTH123 - no disk
        return stat.read().rpartition(")")[2].split()[0] == "T"
