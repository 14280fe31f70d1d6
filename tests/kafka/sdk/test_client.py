"""Submit, get, wait and cancel, against a real scheduler process."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import BaseModel

from joblog import (
    Client,
    JobNotFoundError,
    JobTimeoutError,
    RetryPolicy,
    SchedulerUnavailableError,
    Settings,
    Status,
    Submission,
)
from joblog.client.schemas import announced_schemas
from joblog.lifecycle.partitioner import partition_of
from joblog.schemas.models import JobDispatched, JobEvent
from joblog.schemas.payloads import payload_schema
from joblog.streams.errors import RecordTooLargeError
from tests.kafka.cli.running import Bench, Command, failed, succeeded

Work = Callable[[Callable[[JobDispatched], JobEvent | None]], None]


class Mail(BaseModel):
    to: str
    body: str = ""


MAIL = Mail(to="ada@example.org")


@pytest.mark.usefixtures("scheduler")
async def test_a_submitted_job_can_be_seen_at_once(settings: Settings, bench: Bench) -> None:
    await bench.declare("send-mail")
    async with Client(settings, name="shop") as client:
        submitted = await client.submit("send-mail", MAIL, queue="mails", priority=7)
        job = await client.get(submitted, timeout=30)

    assert job.job_id == submitted.job_id
    assert (job.type, job.queue, job.priority, job.generation) == ("send-mail", "mails", 7, 1)
    assert job.partition == submitted.partition == partition_of(job.job_id.encode(), 2)
    assert job.submission_offset == submitted.offset <= job.offset
    assert job.status in {Status.PENDING, Status.DISPATCHED}
    assert job.submitted_at.tzinfo is UTC


@pytest.mark.usefixtures("scheduler")
async def test_wait_returns_a_job_that_has_succeeded(
    settings: Settings, bench: Bench, work: Work
) -> None:
    await bench.declare("send-mail")
    work(succeeded)
    async with Client(settings) as client:
        submitted = await client.submit("send-mail", MAIL)
        job = await client.wait(submitted, timeout=30)

    assert job.status == Status.SUCCEEDED
    assert job.has_ended
    assert job.worker == "by-hand"
    assert job.finished_at is not None
    assert job.finished_at >= job.submitted_at


@pytest.mark.usefixtures("scheduler")
async def test_wait_returns_a_job_that_has_failed_with_its_failure(
    settings: Settings, bench: Bench, work: Work
) -> None:
    await bench.declare("send-mail")
    work(failed)
    async with Client(settings) as client:
        submitted = await client.submit("send-mail", MAIL, retry=RetryPolicy(max_attempts=1))
        job = await client.wait(submitted.job_id, timeout=30)

    assert job.status == Status.DEAD_LETTERED
    assert job.reason == "exhausted"
    assert job.failure is not None
    assert (job.failure.type, job.failure.message) == ("ValueError", "no good")


@pytest.mark.usefixtures("scheduler")
async def test_wait_says_how_far_a_job_got_in_time(settings: Settings, bench: Bench) -> None:
    await bench.declare("send-mail")
    async with Client(settings) as client:
        submitted = await client.submit("send-mail", MAIL)
        await client.get(submitted, timeout=30)
        with pytest.raises(JobTimeoutError, match=r"(pending|dispatched) after 0\.2 s") as caught:
            await client.wait(submitted, timeout=0.2)
    assert caught.value.job_id == submitted.job_id


@pytest.mark.usefixtures("scheduler")
async def test_a_job_that_waits_is_cancelled_at_once(settings: Settings) -> None:
    async with Client(settings) as client:
        later = datetime.now(UTC) + timedelta(hours=1)
        submitted = await client.submit("send-mail", MAIL, not_before=later)
        assert (await client.get(submitted, timeout=30)).status == Status.SCHEDULED
        job = await client.cancel(submitted, reason="ordered by mistake")
        assert (await client.wait(job)).status == Status.CANCELLED

    assert (job.status, job.reason) == (Status.CANCELLED, "ordered by mistake")


@pytest.mark.usefixtures("scheduler")
async def test_equal_idempotency_keys_are_one_job(settings: Settings) -> None:
    async with Client(settings) as client:
        first = await client.submit("send-mail", MAIL, idempotency_key="order-17", tenant="acme")
        second = await client.submit("send-mail", MAIL, idempotency_key="order-17", tenant="acme")
        job = await client.get(second, timeout=30)

    assert first.job_id == second.job_id == "acme/send-mail/order-17"
    assert job.submission_offset == first.offset < second.offset


@pytest.mark.usefixtures("scheduler")
async def test_an_unknown_job_is_not_found(settings: Settings) -> None:
    async with Client(settings) as client:
        with pytest.raises(JobNotFoundError, match="nobody"):
            await client.get("nobody", timeout=30)


async def test_without_a_scheduler_the_client_says_so(settings: Settings) -> None:
    async with Client(settings) as client:
        submitted = await client.submit("send-mail", MAIL)
        with pytest.raises(SchedulerUnavailableError, match="none has announced itself"):
            await client.get(submitted, timeout=0.3)


async def test_a_client_follows_a_partition_to_its_new_owner(
    settings: Settings, scheduler: Command, start: Callable[..., Awaitable[Command]], tmp_path: Path
) -> None:
    async with Client(settings) as client:
        submitted = await client.submit("send-mail", MAIL)
        await client.get(submitted, timeout=30)
        scheduler.process.kill()
        asked = asyncio.create_task(client.get(submitted, timeout=60))
        await start("scheduler", JOBLOG_DATA_DIR=f"{tmp_path}/elsewhere")
        job = await asked

    assert job.job_id == submitted.job_id


@pytest.mark.usefixtures("scheduler")
async def test_jobs_in_bulk_are_all_acknowledged_in_their_order(settings: Settings) -> None:
    submissions = (
        Submission("send-mail", Mail(to=f"{n}@example.org"), idempotency_key=str(n))
        for n in range(2_500)
    )
    async with Client(settings) as client:
        submitted = await client.submit_many(submissions)
        last = await client.get(submitted[-1], timeout=60)

    assert [one.job_id for one in submitted] == [f"default/send-mail/{n}" for n in range(2_500)]
    for partition in range(2):
        offsets = [one.offset for one in submitted if one.partition == partition]
        assert offsets == sorted(offsets)
        assert len(set(offsets)) == len(offsets)
    assert last.job_id == "default/send-mail/2499"


async def test_a_job_larger_than_the_log_allows_is_refused_and_the_next_one_is_not(
    settings: Settings,
) -> None:
    async with Client(settings) as client:
        with pytest.raises(RecordTooLargeError, match="1048576"):
            await client.submit("send-mail", Mail(to="ada@example.org", body="x" * 2**20))
        assert (await client.submit("send-mail", MAIL)).offset > 0


async def test_the_payload_schema_is_published_before_the_first_job(settings: Settings) -> None:
    async with Client(settings) as client:
        await client.submit("send-mail", MAIL)
    published = await announced_schemas(settings)
    assert list(published) == [payload_schema(Mail).fingerprint]
