"""A scheduler that stops or crashes in the middle, and goes on elsewhere, in memory and on Kafka.

Beside what is asserted here, each test ends with a replay that has to give the same bytes.
"""

from collections.abc import Awaitable, Callable

import pytest

from joblog.schemas.models import (
    AttemptFailed,
    AttemptStarted,
    AttemptSucceeded,
    Failure,
    JobRedriven,
    RetryPolicy,
)
from tests.conformance.conftest import OpenJoblog
from tests.conformance.joblog import Joblog
from tests.conformance.test_unknown_schemas import announcement, next_version, submit_with

BROKEN = Failure(kind="error", type="ValueError", message="broken")
SOON = RetryPolicy(max_attempts=2, backoff="fixed", initial_delay_ms=100, jitter=0)

Stop = Callable[[Joblog], Awaitable[None]]


@pytest.fixture(params=["restart", "crash"])
def stop(request: pytest.FixtureRequest) -> Stop:
    """Stops the scheduler and starts it again."""
    return Joblog.restart if request.param == "restart" else Joblog.crash


async def test_a_job_goes_on_wherever_its_scheduler_stops(joblog: Joblog, stop: Stop) -> None:
    await joblog.announce("mail", retry_policy=SOON)
    await stop(joblog)
    await joblog.submit("job")
    first = await joblog.dispatched("job")
    await stop(joblog)
    await joblog.report(AttemptFailed, first, started_at=1, failure=BROKEN)
    await joblog.status("job", "retrying")
    await stop(joblog)
    second = await joblog.dispatched("job", attempt=2)
    await stop(joblog)
    await joblog.report(AttemptSucceeded, second, started_at=1)
    await joblog.status("job", "succeeded")
    await stop(joblog)
    await joblog.settle()
    await joblog.status("job", "succeeded")
    assert len(joblog.dispatches()) == 2


async def test_ordered_jobs_keep_their_order_wherever_their_scheduler_stops(
    joblog: Joblog, stop: Stop
) -> None:
    key = "account 7"
    home = joblog.partition_of(key)
    jobs = [joblog.new_job_id(home) for _ in range(3)]
    await joblog.announce("mail", retry_policy=SOON)
    for job in jobs:
        await joblog.submit(job, ordering_key=key)
    first = await joblog.dispatched(jobs[0])
    await stop(joblog)
    fatal = BROKEN.model_copy(update={"retryable": False})
    await joblog.report(AttemptFailed, first, started_at=1, failure=fatal)
    await joblog.letter(jobs[0])
    await stop(joblog)
    await joblog.settle()
    await joblog.status(jobs[1], "blocked")
    redrive = JobRedriven(**joblog.head(), job_id=jobs[0], generation=2, requested_by="ops")
    await joblog.append(redrive)
    attempt = await joblog.dispatched(jobs[0], generation=2)
    for job in jobs[1:]:
        await joblog.report(AttemptSucceeded, attempt, started_at=1)
        attempt = await joblog.dispatched(job)
        await stop(joblog)
    ran = [(job, generation) for job, generation, _ in joblog.dispatches()]
    assert ran == [(jobs[0], 1), (jobs[0], 2), (jobs[1], 1), (jobs[2], 1)]


async def test_what_a_crash_repeats_is_equal_to_the_byte(joblog: Joblog) -> None:
    await joblog.announce("mail")
    await joblog.finish()
    for number in range(4):
        await joblog.submit(f"job {number}")
        await joblog.dispatched(f"job {number}")
        await joblog.crash()
    await joblog.settle()
    work = joblog.topics.work("default").name
    records = [(record.key, record.value, record.headers) for record in joblog.records(work)]
    assert len(set(records)) == 4
    assert len(records) > 4, "no crash came before its commit"


async def test_windows_and_backlog_outlive_the_scheduler(open_joblog: OpenJoblog) -> None:
    joblog = await open_joblog(dispatch_window=1)
    await joblog.announce("mail")
    ids = [joblog.new_job_id(0, name) for name in ("first", "low", "high")]
    for job_id, priority in zip(ids, (4, 1, 9), strict=True):
        await joblog.submit(job_id, priority=priority)
    await restart_and_crash(joblog)
    for job_id in (ids[0], ids[2], ids[1]):
        dispatch = await joblog.dispatched(job_id)
        await joblog.report(AttemptSucceeded, dispatch, started_at=1)
    assert [job_id for job_id, _, _ in joblog.dispatches()] == [ids[0], ids[2], ids[1]]


async def test_timers_outlive_the_scheduler(joblog: Joblog) -> None:
    await joblog.announce("mail")
    await joblog.submit("leased")
    leased = await joblog.dispatched("leased")
    await joblog.submit("late", "nobody's", deadline=joblog.now() + 1_000)
    await joblog.report(AttemptStarted, leased, started_at=1, lease_ms=1_000)
    await restart_and_crash(joblog)
    await joblog.dispatched("leased", attempt=2)
    await joblog.status("late", "expired")


async def test_held_records_and_learned_schemas_outlive_the_scheduler(joblog: Joblog) -> None:
    await joblog.announce("mail")
    schema = next_version()
    await submit_with(joblog, schema, "held")
    await restart_and_crash(joblog)
    await joblog.declare(announcement(joblog, schema))
    await joblog.dispatched("held")
    await restart_and_crash(joblog)
    await submit_with(joblog, schema, "later")
    await joblog.dispatched("later")


async def restart_and_crash(joblog: Joblog) -> None:
    """What is waiting then waits under a third owner, on a third disk."""
    await joblog.settle()
    await joblog.restart()
    await joblog.settle()
    await joblog.crash()
    await joblog.settle()
