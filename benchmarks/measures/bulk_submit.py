"""Jobs submitted in bulk per second, against records of ready bytes from a bare producer, in turn."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from importlib.metadata import version
from itertools import count, islice
from pathlib import Path
from typing import Final

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import NewTopic

from benchmarks.handlers.noop import Nothing
from benchmarks.joblog_system import running
from benchmarks.measure import Measure, Row, values
from benchmarks.result import Run, WrongJobsError
from benchmarks.returned import SHOWN
from joblog import Client, Submission
from joblog.client.author import author
from joblog.client.ids import Uuid7
from joblog.client.payloads import order_of
from joblog.client.records import Records
from joblog.client.submissions import Submissions
from joblog.streams.kafka.admin import connected_admin
from joblog.streams.kafka.client import producer_options
from joblog.streams.kafka.log_reader import LogReader
from joblog.streams.machine_clock import now_ms
from joblog.streams.records import Outbound
from joblog.streams.settings import Settings
from joblog.streams.topics import TopicMap

JOBS: Final = 50_000
QUICK_JOBS: Final = 10_000
TURN: Final = 5_000
"""Jobs that one side submits before it is the other's turn."""

BARE: Final = "aiokafka"
BARE_TOPIC: Final = "bare"
BAR: Final = 40.0
PERCENT: Final = "% of the bare producer's jobs/s"


def measure(variant: str, quick: bool, directory: Path) -> Run:  # noqa: FBT001 - as every measure
    """Submit jobs by turns; only a broker is there, nothing runs them."""
    jobs = QUICK_JOBS if quick else JOBS
    with running(directory, services=()) as system:
        seconds = asyncio.run(_seconds(system.settings, jobs))
    rates = {f"jobs/s, {side}": jobs / taken for side, taken in seconds.items()}
    figures = {"jobs": jobs, **rates, PERCENT: 100 * seconds[BARE] / seconds[SHOWN]}
    return Run(variant, figures, version=version("joblog"))


def rows(runs: Sequence[Run]) -> list[Row]:
    """Return the share of the bare producer's rate."""
    found = values(runs, SHOWN, PERCENT)
    if not found:
        return []
    rate = sorted(values(runs, SHOWN, f"jobs/s, {SHOWN}"))[len(found) // 2]
    what = f"jobs/s submitted in bulk ({rate:,.0f}), validated, against a bare producer's sends"
    return [Row.at_least(what, BAR, found, "%")]


async def _seconds(settings: Settings, jobs: int) -> dict[str, float]:
    """Return how long each side took for all its turns; the turn before them is not counted."""
    ready = _ready(settings)
    taken = {SHOWN: 0.0, BARE: 0.0}
    keys: dict[str, list[bytes]] = {SHOWN: [], BARE: []}
    async with Client(settings) as client, _bare_producer(settings) as producer:
        for turn, first in enumerate(range(0, TURN + jobs, TURN)):
            sides = {
                SHOWN: partial(_submit, client, first),
                BARE: partial(_send, producer, list(islice(ready, TURN))),
            }
            for name in (SHOWN, BARE) if turn % 2 else (BARE, SHOWN):
                begun = time.perf_counter()
                keys[name] += await sides[name]()
                taken[name] += time.perf_counter() - begun if turn else 0.0
    await _check(settings, TopicMap.of(settings).events.name, keys[SHOWN])
    await _check(settings, BARE_TOPIC, keys[BARE])
    return taken


async def _submit(client: Client, first: int) -> list[bytes]:
    submitted = await client.submit_many(_submissions(first, first + TURN))
    return [one.job_id.encode() for one in submitted]


async def _send(producer: AIOKafkaProducer, records: Sequence[Outbound]) -> list[bytes]:
    """Send records as aiokafka's documentation does it: the producer finds partition and batch of each.

    To wait for them only once all are sent is faster than to do so after each 500 or 1,000.
    """
    sent = [
        await producer.send(BARE_TOPIC, record.value, record.key, headers=record.headers)
        for record in records
    ]
    await asyncio.gather(*sent)
    return [record.key or b"" for record in records]


def _submissions(first: int, end: int) -> Iterator[Submission]:
    return (Submission("noop", Nothing(number=number)) for number in range(first, end))


def _ready(settings: Settings) -> Iterator[Outbound]:
    """Yield records as joblog makes them: the same keys, values and headers."""
    new_id = Uuid7(now_ms, secrets.token_bytes)
    submissions = Submissions(new_id, now_ms, author(), settings.partitions)
    records = Records(TopicMap.of(settings), new_id, now_ms)
    for number in count():
        order = order_of("noop", Nothing(number=number))
        event = submissions.event(order, {})
        yield records.submission(event, None, settings.limits.max_submission_bytes)


@asynccontextmanager
async def _bare_producer(settings: Settings) -> AsyncIterator[AIOKafkaProducer]:
    """Make a topic like that of the events, and a producer with joblog's own settings."""
    like = TopicMap.of(settings).events
    topic = NewTopic(
        BARE_TOPIC, like.partitions, like.replication_factor, topic_configs=dict(like.config)
    )
    async with connected_admin(settings) as admin:
        await admin.create_topics([topic])
    async with AIOKafkaProducer(**producer_options(settings)) as producer:
        yield producer


async def _check(settings: Settings, topic: str, keys: Sequence[bytes]) -> None:
    """Check that a topic has one record of each key."""
    partitions = [TopicPartition(topic, number) for number in range(settings.partitions)]
    found: list[bytes] = []
    async with LogReader(settings) as reader:
        async for records in reader.read(await reader.starts(partitions)):
            found += [record.key for record in records if record.key is not None]
    if sorted(found) != sorted(keys):
        raise WrongJobsError(topic, len(keys), len(found))


MEASURE: Final = Measure("bulk_submit", (SHOWN,), measure, rows)
