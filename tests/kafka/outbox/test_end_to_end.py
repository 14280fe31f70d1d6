"""From a committed transaction to a job that runs once, though its relay was killed and published it twice."""

import signal
from collections.abc import AsyncIterator, Callable

import pytest

from joblog import Client, Status
from joblog.outbox.asyncpg import submit
from joblog.outbox.relay.steps import RelayStep
from joblog.schemas.models import JobDispatched, JobEvent
from joblog.streams.kafka import KafkaPublisher
from joblog.streams.settings import Settings
from tests.kafka.cli.conftest import scheduler, start, work
from tests.kafka.cli.running import Bench, succeeded
from tests.kafka.outbox.conftest import Connection
from tests.kafka.outbox.running import MAIL, TYPE, Events, drain, environment
from tests.kafka.running import Process

__all__ = ["scheduler", "start", "work"]

Work = Callable[[Callable[[JobDispatched], JobEvent | None]], None]


@pytest.fixture
async def bench(settings: Settings) -> AsyncIterator[Bench]:
    """Writes to the log and reads from it."""
    async with KafkaPublisher(settings) as publisher:
        yield Bench(settings, publisher)


@pytest.mark.usefixtures("scheduler")
async def test_a_job_that_was_published_twice_runs_once(
    settings: Settings, connection: Connection, events: Events, bench: Bench, work: Work
) -> None:
    await bench.declare(TYPE)
    runs = []

    def report(dispatched: JobDispatched) -> JobEvent:
        runs.append(dispatched.job_id)
        return succeeded(dispatched)

    work(report)
    job_ids = [await submit(connection, TYPE, MAIL) for _ in range(3)]
    relay = await Process.start(
        "tests.kafka.outbox.relay_process", environment(settings, STEP=RelayStep.PUBLISHED)
    )
    assert await relay.ends() == -signal.SIGKILL
    async with Client(settings) as client:
        for job_id in job_ids:
            assert (await client.wait(job_id)).status == Status.SUCCEEDED
        await drain(settings)
        submitted = await events.submitted()
        assert {job_id: len(values) for job_id, values in submitted.items()} == (
            dict.fromkeys(job_ids, 2)
        )
        last = await submit(connection, TYPE, MAIL)
        await drain(settings)
        assert (await client.wait(last)).status == Status.SUCCEEDED
        for job_id in job_ids:
            assert (await client.get(job_id)).attempt == 1
    assert sorted(runs) == sorted([*job_ids, last])
