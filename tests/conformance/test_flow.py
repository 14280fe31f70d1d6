"""What becomes of a job, in memory and on Kafka."""

from joblog.schemas.models import (
    AttemptFailed,
    AttemptHeartbeat,
    AttemptLost,
    AttemptReleased,
    AttemptStarted,
    AttemptSucceeded,
    DelayElapsed,
    Failure,
    JobDeferred,
    JobDispatched,
    JobExpired,
    LeaseExpired,
    RetryPolicy,
    RetryScheduled,
)
from tests.conformance.conftest import OpenJoblog
from tests.conformance.joblog import Joblog

BROKEN = Failure(kind="error", type="ValueError", message="broken")
FATAL = BROKEN.model_copy(update={"retryable": False})
SOON = RetryPolicy(max_attempts=3, backoff="fixed", initial_delay_ms=150, jitter=0)
TRACE = b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


async def test_a_job_is_dispatched_once_and_succeeds(joblog: Joblog) -> None:
    await joblog.announce("mail")
    submitted = await joblog.submit("job", headers=[("traceparent", TRACE), ("own", b"1")])
    dispatch = await joblog.dispatched("job")
    assert dispatch.submission == submitted.value
    assert dispatch.submitted_at == submitted.timestamp

    (record,) = joblog.records(joblog.topics.work("default").name)
    assert (record.key, record.partition) == (b"job", submitted.partition)
    headers = dict(record.headers)
    assert headers["ce_id"] == f"{submitted.partition}-{submitted.offset}-0".encode()
    assert headers["ce_type"] == b"joblog.JobDispatched"
    assert headers["traceparent"] == TRACE

    await joblog.report(AttemptSucceeded, dispatch, started_at=1, result=b"done")
    assert (await joblog.status("job", "succeeded")).result == b"done"
    assert len(joblog.dispatches()) == 1


async def test_a_failed_attempt_is_repeated_when_it_is_due_and_never_before(joblog: Joblog) -> None:
    await joblog.announce("mail", retry_policy=SOON)
    await joblog.submit("job")
    await joblog.report(AttemptFailed, await joblog.dispatched("job"), started_at=1, failure=BROKEN)
    due = (await joblog.status("job", "retrying")).due
    assert due is not None
    early = await joblog.wake("job", attempt=2, due=due)
    assert early.timestamp < due

    dispatch = await joblog.dispatched("job", attempt=2)
    assert dispatch.cause is not None
    woken = joblog.read(dispatch.cause.topic, dispatch.cause.partition)[dispatch.cause.offset]
    assert woken.timestamp >= due
    assert len(joblog.dispatches()) == 2
    scheduled = [
        event.due
        for topic in joblog.topics.delays
        for event in joblog.events(topic.name, RetryScheduled)
    ]
    assert scheduled == [due, due], "what was woken early waits again, for the rest"


async def test_a_job_waits_for_its_not_before_time(joblog: Joblog) -> None:
    await joblog.announce("mail")
    not_before = joblog.now() + 200
    await joblog.submit("job", not_before=not_before)
    dispatch = await joblog.dispatched("job")
    assert dispatch.time >= not_before
    assert [event.due for event in joblog.events(joblog.topics.delays[0].name, JobDeferred)] == [
        not_before
    ]
    assert len(joblog.events(joblog.topics.events.name, DelayElapsed)) == 1


async def test_the_last_allowed_failure_ends_on_the_dead_letter_topic(joblog: Joblog) -> None:
    policy = SOON.model_copy(update={"max_attempts": 2, "initial_delay_ms": 0})
    await joblog.announce("mail", retry_policy=policy)
    await joblog.submit("job")
    for attempt in (1, 2):
        dispatch = await joblog.dispatched("job", attempt)
        await joblog.report(AttemptFailed, dispatch, started_at=1, failure=BROKEN)
    letter = await joblog.letter("job", "exhausted")
    assert (letter.attempts, letter.failure) == (2, BROKEN)
    assert (await joblog.status("job", "dead_lettered")).failures == 2


async def test_a_fatal_failure_is_dead_lettered_with_the_original_bytes(joblog: Joblog) -> None:
    await joblog.announce("mail")
    submitted = await joblog.submit("job", headers=[("traceparent", TRACE), ("own", b"\xff\x00")])
    await joblog.report(AttemptFailed, await joblog.dispatched("job"), started_at=1, failure=FATAL)
    letter = await joblog.letter("job", "fatal")
    original = letter.original
    assert (original.topic, original.partition, original.offset, original.timestamp) == (
        submitted.topic,
        submitted.partition,
        submitted.offset,
        submitted.timestamp,
    )
    assert (original.key, original.value) == (submitted.key, submitted.value)
    assert {header.key: header.value for header in original.headers} == {
        "traceparent": TRACE,
        "own": b"\xff\x00",
    }


async def test_a_lease_that_ends_gives_the_job_back_and_the_old_worker_is_stale(
    open_joblog: OpenJoblog,
) -> None:
    joblog = await open_joblog(loss_limit=1)
    await joblog.announce("mail")
    await joblog.submit("job")
    first = await joblog.dispatched("job")
    await joblog.report(AttemptStarted, first, started_at=1, lease_ms=100)
    await joblog.report(AttemptHeartbeat, first, lease_ms=200)
    second = await joblog.dispatched("job", attempt=2)
    assert second.isolated
    await joblog.settle()
    (expired,) = joblog.events(joblog.topics.events.name, LeaseExpired)
    assert second.time >= expired.lease_until

    await joblog.report(AttemptSucceeded, first, started_at=1)
    await joblog.settle()
    row = joblog.row("job")
    assert row is not None
    assert (row.status, row.losses) == ("dispatched", 1)

    await joblog.report(AttemptStarted, second, started_at=1, lease_ms=100)
    await joblog.letter("job", "lost")
    assert len(joblog.dispatches()) == 2


async def test_a_lost_or_released_attempt_is_not_charged(joblog: Joblog) -> None:
    await joblog.announce("mail", retry_policy=RetryPolicy(max_attempts=1))
    await joblog.submit("job")
    await joblog.report(AttemptLost, await joblog.dispatched("job"), reason="its worker died")
    second = await joblog.dispatched("job", attempt=2)
    assert second.isolated
    await joblog.report(AttemptReleased, second, reason="its worker stops")
    await joblog.report(AttemptSucceeded, await joblog.dispatched("job", 3), started_at=1)
    row = await joblog.status("job", "succeeded")
    assert (row.attempt, row.failures) == (3, 0)


async def test_a_deadline_ends_a_job_that_waits(joblog: Joblog) -> None:
    await joblog.submit("waits for its type", "nobody's", deadline=joblog.now() + 150)
    later = joblog.now() + 60_000
    await joblog.submit("scheduled", not_before=later, deadline=joblog.now() + 150)
    await joblog.submit("too late already", deadline=joblog.now())
    for job_id in ("waits for its type", "scheduled", "too late already"):
        await joblog.status(job_id, "expired")
    await joblog.settle()
    facts = joblog.events(joblog.topics.events.name, JobExpired)
    assert sorted(fact.job_id for fact in facts) == [
        "scheduled",
        "too late already",
        "waits for its type",
    ]
    assert all(fact.time >= fact.deadline for fact in facts)
    assert joblog.events(joblog.topics.work("default").name, JobDispatched) == []
