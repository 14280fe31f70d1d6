"""The client that blocks: in threads, after forks, and lists of jobs, against a real scheduler process."""

import asyncio
import sys
import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from pydantic import BaseModel

from joblog import (
    Client,
    ClientClosedError,
    Job,
    Settings,
    Status,
    Submission,
    Submitted,
    SyncClient,
)
from joblog.client.questions import Questions
from joblog.schemas.models import JobDispatched, JobEvent
from joblog.schemas.payloads import payload_schema
from tests.kafka.cli.running import Bench, joblog, succeeded

Work = Callable[[Callable[[JobDispatched], JobEvent | None]], None]
SECONDS = 60.0


class Note(BaseModel):
    number: int = 0


@pytest.mark.usefixtures("scheduler")
async def test_it_submits_and_asks_from_any_thread(
    settings: Settings, bench: Bench, work: Work
) -> None:
    await bench.declare("note", payload_schema(Note))
    work(succeeded)
    client = SyncClient(settings)
    submitted = await asyncio.gather(
        *(asyncio.to_thread(client.submit, "note", Note(number=n)) for n in range(8))
    )
    found = await asyncio.gather(*(asyncio.to_thread(client.wait, one) for one in submitted))
    assert {job.status for job in found} == {Status.SUCCEEDED}
    await asyncio.to_thread(client.close)
    again = await asyncio.to_thread(client.get, submitted[0])
    assert again.job_id == submitted[0].job_id
    await asyncio.to_thread(client.close)


@pytest.mark.usefixtures("scheduler")
async def test_a_thread_that_waits_is_told_that_another_closed_the_client(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits, wait = threading.Event(), Questions.wait

    async def noted(questions: Questions, job: str | Submitted | Job, timeout: float) -> Job:
        waits.set()
        return await wait(questions, job, timeout)

    monkeypatch.setattr(Questions, "wait", noted)
    client = SyncClient(settings)
    later = await asyncio.to_thread(client.submit, "note", Note(), delay=timedelta(hours=1))
    waiting = asyncio.create_task(asyncio.to_thread(client.wait, later, timeout=SECONDS))
    assert await asyncio.to_thread(waits.wait, SECONDS)
    await asyncio.to_thread(client.close)
    with pytest.raises(ClientClosedError):
        await waiting


FORKS = """
import gc
import os
from pydantic import BaseModel
from joblog import SyncClient

class Note(BaseModel):
    number: int = 0

client = SyncClient()
first = client.submit("note", Note(number=1))
child = os.fork()
if child == 0:
    print(client.submit("note", Note(number=2)).job_id, flush=True)
    gc.collect()  # the parent's connection is not this process's to close, nor to complain about
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
print(client.submit("note", Note(number=3)).job_id)
"""


async def test_a_process_that_was_forked_has_a_connection_of_its_own(
    settings: Settings, env: dict[str, str], bench: Bench
) -> None:
    await bench.declare("note", payload_schema(Note))
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        FORKS,
        env=env,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(SECONDS):
        out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    assert len(set(out.split())) == 2
    assert err == b""
    del settings


@pytest.mark.usefixtures("scheduler")
async def test_jobs_are_listed_from_all_partitions(
    settings: Settings, env: dict[str, str], bench: Bench
) -> None:
    await bench.declare("note", payload_schema(Note))
    async with Client(settings) as client:
        many = await client.submit_many(
            Submission("note", Note(number=n), queue="a" if n % 3 else "b") for n in range(700)
        )
        for one in many[-4:]:  # of each partition the newest, or later
            await client.get(one)
        found = [job async for job in client.jobs(type="note")]
        assert {job.job_id for job in found} == {one.job_id for one in many}
        assert len(found) == 700
        assert len([job async for job in client.jobs(queue="b")]) == 234
        assert [job async for job in client.jobs(status=Status.SUCCEEDED)] == []
    listed = await joblog("jobs", "list", "--queue", "b", "--limit", "5", "--json", env=env)
    assert listed.code == 0
    assert {one["queue"] for one in listed.json_lines} == {"b"}
    assert len(listed.json_lines) == 5
