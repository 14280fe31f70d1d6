"""Programs in other languages, written by the contract alone, submit jobs that run with what they gave."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from joblog import Client, Status
from joblog.client.history import read_history
from joblog.lifecycle.partitioner import partition_of
from joblog.schemas.models import JobDispatched, JobSubmitted
from tests.cluster import Cluster
from tests.languages import programs
from tests.languages.programs import Program


def mails_in(ledger: Path, job_ids: set[str]) -> list[dict[str, Any]]:
    mails = map(json.loads, ledger.read_text(encoding="utf-8").splitlines())
    return [mail for mail in mails if mail["job_id"] in job_ids]


def mail(job_id: str, subject: str) -> dict[str, Any]:
    return {"job_id": job_id, "to": "ada@example.org", "subject": subject, "copies": 1}


async def wait_for(cluster: Cluster, job_ids: set[str]) -> None:
    async with Client(cluster.settings) as client:
        for job_id in job_ids:
            job = await client.wait(job_id, timeout=60)
            assert (job.status, job.attempt, job.generation) == (Status.SUCCEEDED, 1, 1)


async def check_history(cluster: Cluster, job_id: str, submissions: int) -> None:
    """Make sure that submissions stood in their partition: from another one they would be forwarded."""
    entries = await read_history(cluster.settings, job_id)
    submitted = [entry.partition for entry in entries if isinstance(entry.event, JobSubmitted)]
    partition = partition_of(job_id.encode(), cluster.settings.partitions)
    assert submitted == [partition] * submissions
    assert len([entry for entry in entries if isinstance(entry.event, JobDispatched)]) == 1


@pytest.mark.timeout(300)  # the first build on a machine downloads what it needs
@pytest.mark.parametrize(
    ("build", "key"), [(programs.node, "reminder-1042"), (programs.java, "invoice-7")]
)
async def test_jobs_of_a_program_in_another_language_run_with_their_payloads(
    build: Callable[[], Program], key: str, cluster: Cluster, ledger: Path
) -> None:
    program = build()
    avro, in_json, once = program.run(cluster)
    again_avro, again_json, again_once = program.run(cluster)
    assert once == again_once == f"default/mail.send/{key}"
    job_ids = {avro, again_avro, in_json, again_json, once}
    await wait_for(cluster, job_ids)

    expected = [
        *(mail(job_id, "Grüße in Avro") for job_id in (avro, again_avro)),
        *(mail(job_id, "Grüße in JSON") for job_id in (in_json, again_json)),
        mail(once, "once"),
    ]
    assert sorted(mails_in(ledger, job_ids), key=str) == sorted(expected, key=str)
    await check_history(cluster, in_json, submissions=1)
    await check_history(cluster, avro, submissions=1)
    await check_history(cluster, once, submissions=2)
