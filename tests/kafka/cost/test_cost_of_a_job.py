"""What a job costs the broker: records, bytes and requests. No clock: a slower machine gives the same figures.

A bound that fails says that jobs have become dearer. Where that is what a change is for, it raises the bound.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest

from joblog import Submission
from joblog.streams.kafka import ensure_topics
from joblog.streams.machine_clock import now_ms
from joblog.streams.settings import Settings
from joblog.streams.topics import TopicMap
from tests.kafka.cost.handlers import Nothing
from tests.kafka.cost.running import Requests, System, running, spent

BULK: Final = 500
SINGLE: Final = 40

RECORDS: Final = {"events": 2.0, "work.default": 1.0, "table.jobs": 1.0}
"""Records of a job that nothing goes wrong with: submission and outcome, dispatch, row."""

OTHERS: Final = 16
"""Most records beside the jobs' in a topic: what each of its partitions is told of log, lanes, and types."""

BYTES: Final = {"events": 880, "work.default": 560, "table.jobs": 430}
"""Most bytes of a job's records together, with headers and the name of the machine."""

BYTES_OF_OTHERS: Final = 5_000

IN_BULK: Final = {
    "submitter": {"Produce": 0.01},
    "scheduler": {"Fetch": 0.04, "Produce": 0.03},
    "worker": {"Fetch": 0.03, "OffsetCommit": 0.05, "Produce": 0.03},
}
"""Most requests a job when many come at once: they share them."""

ALONE: Final = {
    "submitter": {"Produce": 1.0},
    "scheduler": {"Fetch": 2.2, "Produce": 1.1},
    "worker": {"Fetch": 1.1, "OffsetCommit": 2.2, "Produce": 1.1},
}
"""The same for a job that comes when the one before is at its end: no request is there for nothing.

The second commit says that the outcome is acknowledged. It may go with the next claim, as far as time allows.
"""


@pytest.fixture
async def settings(bootstrap_servers: str, namespace: str) -> Settings:
    """Settings of a log whose topics exist."""
    settings = Settings(bootstrap_servers=bootstrap_servers, namespace=namespace)
    await ensure_topics(settings, now_ms())
    return settings


async def test_many_jobs_share_requests_and_none_writes_a_record_too_many(
    settings: Settings, tmp_path: Path
) -> None:
    async with running(settings, tmp_path) as system:
        before = system.requests()
        jobs = await system.client.submit_many(
            Submission("nothing", Nothing(number=number)) for number in range(BULK)
        )
        for job in jobs:
            await system.client.wait(job)
        requests = spent(before, system.requests())
    _check_requests(requests, BULK, IN_BULK)
    await _check_records(system, BULK)


async def test_a_job_that_comes_alone_makes_no_request_and_no_record_too_many(
    settings: Settings, tmp_path: Path
) -> None:
    async with running(settings, tmp_path) as system:
        before = system.requests()
        for number in range(SINGLE):
            job = await system.client.submit("nothing", Nothing(number=number))
            await system.client.wait(job)
        requests = spent(before, system.requests())
    _check_requests(requests, SINGLE, ALONE)
    await _check_records(system, SINGLE)


async def _check_records(system: System, jobs: int) -> None:
    """Look at the topics of a system at rest, in which one job more has run before."""
    topics = TopicMap.of(system.settings)
    for topic in (topics.events, *topics.works, topics.table_jobs):
        name = topic.name.removeprefix(f"{system.settings.namespace}.")
        records, size = await system.stored(topic)
        least = round(RECORDS[name] * (jobs + 1))
        assert least <= records <= least + OTHERS, name
        assert size <= BYTES[name] * (jobs + 1) + BYTES_OF_OTHERS, name


def _check_requests(
    requests: Requests, jobs: int, bounds: Mapping[str, Mapping[str, float]]
) -> None:
    made = {
        name: {kind: requests[name][kind] / jobs for kind in kinds}
        for name, kinds in bounds.items()
    }
    dearer = [
        (name, kind)
        for name, kinds in bounds.items()
        for kind, most in kinds.items()
        if made[name][kind] > most
    ]
    assert not dearer, made
