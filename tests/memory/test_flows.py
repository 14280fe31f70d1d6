"""Whole flows with workers, in milliseconds: days of log time, no waiting."""

from collections.abc import AsyncIterator, Iterable
from itertools import count
from typing import Any

import pytest

from joblog.processors.memory.joblog import MemoryJoblog
from joblog.processors.memory.workers import ScriptedWorkers
from joblog.schemas.codec import Codec
from joblog.schemas.models import (
    AttemptFailed,
    AttemptStarted,
    AttemptSucceeded,
    Failure,
    JobDeadLettered,
    JobDispatched,
    JobEvent,
    JobRedriven,
    JobSubmitted,
    RetryPolicy,
    RetryScheduled,
    RulesActivated,
    Tick,
    TypeAnnounced,
)
from joblog.streams.settings import Settings
from joblog.streams.topics import TopicMap

HOUR = 3_600_000
DAY = 24 * HOUR
CODEC = Codec()
SETTINGS = Settings(partitions=3)
DAILY = RetryPolicy(
    max_attempts=3, backoff="fixed", initial_delay_ms=DAY, max_delay_ms=30 * DAY, jitter=0
)


class Works:
    """Workers whose attempts fail until `mended`, or end without a report while `dying`."""

    def __init__(self) -> None:
        self.mended = False
        self.dying = False
        self.attempts: list[tuple[int, int]] = []
        self._ids = count()

    def __call__(self, dispatch: JobDispatched) -> Iterable[JobEvent]:
        self.attempts.append((dispatch.generation, dispatch.attempt))
        about: dict[str, Any] = {
            "event_id": f"w{next(self._ids)}",
            "time": 0,
            "job_id": dispatch.job_id,
            "generation": dispatch.generation,
            "attempt": dispatch.attempt,
            "worker": "w1",
        }
        if self.dying:
            return [AttemptStarted(**about, started_at=0, lease_ms=30_000)]
        if self.mended:
            return [AttemptSucceeded(**about, started_at=0, result=b"done")]
        failure = Failure(kind="error", type="ValueError", message="broken")
        return [AttemptFailed(**about, started_at=0, failure=failure)]


@pytest.fixture
def works() -> Works:
    return Works()


@pytest.fixture
async def joblog(works: Works) -> AsyncIterator[MemoryJoblog]:
    async with MemoryJoblog(SETTINGS, ScriptedWorkers(TopicMap.of(SETTINGS), works)) as joblog:
        await joblog.declare(
            TypeAnnounced(event_id="t1", time=0, version=1, type="mail", retry_policy=DAILY)
        )
        yield joblog


def submission(job_id: str = "job", **fields: Any) -> JobSubmitted:  # noqa: ANN401 - the model checks them
    given = {"type": "mail", "payload": b"", "payload_schema": b"payload!"}
    return JobSubmitted(event_id=f"s-{job_id}", time=0, job_id=job_id, **{**given, **fields})


def status(joblog: MemoryJoblog, job_id: str = "job") -> str | None:
    row = joblog.row(job_id)
    return None if row is None else row.status


async def test_a_job_fails_for_days_is_dead_lettered_redriven_and_succeeds(
    joblog: MemoryJoblog, works: Works
) -> None:
    at = await joblog.publish(submission())
    await joblog.run_until_idle()
    assert status(joblog) == "retrying"
    await joblog.advance(DAY - 1)
    assert works.attempts == [(1, 1)]
    await joblog.advance(1)
    assert works.attempts == [(1, 1), (1, 2)]
    await joblog.advance(DAY)
    assert status(joblog) == "dead_lettered"

    (record,) = joblog.log.read(joblog.topics.dead_letters.name, at.partition)
    letter = CODEC.decode(record.value or b"")
    assert isinstance(letter, JobDeadLettered)
    assert (letter.reason, letter.attempts) == ("exhausted", 3)

    works.mended = True
    await joblog.publish(
        JobRedriven(event_id="r1", time=0, job_id="job", generation=2, requested_by="ops")
    )
    await joblog.run_until_idle()
    assert status(joblog) == "succeeded"
    assert works.attempts == [(1, 1), (1, 2), (1, 3), (2, 1)]


async def test_a_long_delay_hops_down_the_tiers_and_ends_to_the_millisecond(
    joblog: MemoryJoblog, works: Works
) -> None:
    works.mended = True
    not_before = joblog.clock() + 8 * DAY + 3 * HOUR + 4_321
    await joblog.publish(submission(not_before=not_before))
    await joblog.advance(not_before - joblog.clock() - 1)
    assert (status(joblog), works.attempts) == ("scheduled", [])
    await joblog.advance(1)
    assert (status(joblog), works.attempts) == ("succeeded", [(1, 1)])
    tiers = {
        topic.name.rpartition(".")[2]
        for topic in joblog.topics.delays
        for partition in range(3)
        if joblog.log.read(topic.name, partition)
    }
    assert {"7d", "1d", "1h"} <= tiers


async def test_a_worker_that_dies_loses_its_lease_and_the_job_its_patience(
    joblog: MemoryJoblog, works: Works
) -> None:
    works.dying = True
    await joblog.publish(submission())
    await joblog.advance(29_999)
    assert (status(joblog), works.attempts) == ("running", [(1, 1)])
    await joblog.advance(1)
    assert works.attempts == [(1, 1), (1, 2)]
    await joblog.advance(HOUR)
    assert status(joblog) == "dead_lettered"
    assert len(works.attempts) == 4, "three losses in a row are allowed"


async def test_a_crash_of_the_scheduler_repeats_no_attempt(
    joblog: MemoryJoblog, works: Works
) -> None:
    await joblog.publish(submission())
    await joblog.run_until_idle()
    await joblog.crash_scheduler()
    await joblog.advance(DAY)
    await joblog.crash_scheduler()
    await joblog.run_until_idle()
    assert works.attempts == [(1, 1), (1, 2)]
    work = joblog.topics.work("default").name
    repeated = [record for partition in range(3) for record in joblog.log.read(work, partition)]
    assert len(repeated) > 2, "the scheduler did repeat its dispatches"


async def test_the_same_input_gives_the_same_bytes() -> None:
    logs = []
    for _ in range(2):
        async with MemoryJoblog(
            SETTINGS, ScriptedWorkers(TopicMap.of(SETTINGS), Works())
        ) as joblog:
            await joblog.declare(
                TypeAnnounced(event_id="t1", time=0, version=1, type="mail", retry_policy=DAILY)
            )
            for number in range(20):
                await joblog.publish(submission(f"job {number}", priority=number % 10))
            await joblog.advance(3 * DAY)
            logs.append(
                [
                    joblog.log.read(topic.name, partition)
                    for topic in joblog.topics.all
                    for partition in range(topic.partitions)
                ]
            )
    assert logs[0] == logs[1]
    assert sum(map(len, logs[0])) > 100


async def test_many_timers_of_one_moment_take_several_ticks(
    joblog: MemoryJoblog,
) -> None:
    due = joblog.clock() + 1_000
    for number in range(1_200):
        await joblog.publish(submission(f"job {number}", type="nobody's", deadline=due))
    await joblog.advance(2_000)
    assert {status(joblog, f"job {number}") for number in range(1_200)} == {"expired"}
    events = joblog.topics.events.name
    ticks = [
        record.timestamp
        for partition in range(3)
        for record in joblog.log.read(events, partition)
        if isinstance(CODEC.decode(record.value or b""), Tick)
    ]
    assert min(ticks) == due


async def test_what_is_declared_without_a_topic_or_lane_is_refused_or_ignored(
    joblog: MemoryJoblog,
) -> None:
    await joblog.declare(TypeAnnounced(event_id="t2", time=0, version=9, type="mail", lane="none"))
    await joblog.publish(submission())
    await joblog.run_until_idle()
    assert status(joblog) == "retrying", "the type's last possible declaration counts"
    with pytest.raises(TypeError, match="declares nothing"):
        await joblog.declare(Tick(event_id="t", time=0))


async def test_rules_that_this_program_lacks_end_it(joblog: MemoryJoblog) -> None:
    await joblog.declare(RulesActivated(event_id="rules", time=0, rules=99))
    with pytest.raises(Exception, match="rules version 99"):
        await joblog.run_until_idle()
    await joblog.crash_scheduler()  # it refuses to end in good order


async def test_a_retry_says_when_it_is_due(joblog: MemoryJoblog) -> None:
    at = await joblog.publish(submission())
    await joblog.run_until_idle()
    (record,) = joblog.log.read(f"{joblog.topics.namespace}.delay.1d", at.partition)
    event = CODEC.decode(record.value or b"")
    assert isinstance(event, RetryScheduled)
    assert event.due == joblog.clock() + DAY
