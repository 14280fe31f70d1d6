"""What people ask of jobs, in memory and on Kafka."""

import pytest

from joblog.schemas.models import (
    AttemptCancelled,
    AttemptFailed,
    AttemptSucceeded,
    DeadLetterDiscarded,
    Failure,
    JobCancelled,
    JobCancelRequested,
    JobDispatched,
    JobRedriven,
)
from tests.conformance.joblog import Joblog

FATAL = Failure(kind="error", type="ValueError", message="broken", retryable=False)


async def cancel(joblog: Joblog, job_id: str) -> None:
    await joblog.append(
        JobCancelRequested(**joblog.head(), job_id=job_id, requested_by="ops", reason="not needed")
    )


async def redrive(joblog: Joblog, job_id: str, generation: int) -> None:
    await joblog.append(
        JobRedriven(**joblog.head(), job_id=job_id, generation=generation, requested_by="ops")
    )


async def test_what_is_not_dispatched_is_cancelled_at_once(joblog: Joblog) -> None:
    await joblog.submit("pending", "nobody's")
    await joblog.submit("scheduled", not_before=joblog.now() + 60_000)
    for job_id in ("pending", "scheduled"):
        await cancel(joblog, job_id)
        row = await joblog.status(job_id, "cancelled")
        assert row.reason == "not needed"
    await joblog.settle()
    facts = joblog.events(joblog.topics.events.name, JobCancelled)
    assert sorted(fact.job_id for fact in facts) == ["pending", "scheduled"]
    await joblog.announce("nobody's")
    assert joblog.events(joblog.topics.work("default").name, JobDispatched) == []


@pytest.mark.parametrize(
    ("reported", "ends"),
    [(AttemptCancelled, "cancelled"), (AttemptSucceeded, "succeeded")],
    ids=["the worker stops", "the worker was faster"],
)
async def test_a_dispatched_job_is_cancelled_when_its_worker_confirms(
    joblog: Joblog, reported: type[AttemptCancelled | AttemptSucceeded], ends: str
) -> None:
    await joblog.announce("mail")
    await joblog.submit("job")
    dispatch = await joblog.dispatched("job")
    await cancel(joblog, "job")
    await cancel(joblog, "job")
    await joblog.until(lambda: joblog.records(joblog.topics.control.name))
    row = joblog.row("job")
    assert row is not None
    assert (row.status, row.cancel_requested) == ("dispatched", True)
    (told,) = joblog.records(joblog.topics.control.name)
    assert told.key == b"job"

    fields = {"started_at": 1} if reported is AttemptSucceeded else {}
    await joblog.report(reported, dispatch, **fields)
    await joblog.status("job", ends)
    await joblog.report(AttemptSucceeded, dispatch, started_at=1)
    await joblog.report(AttemptCancelled, dispatch)
    await joblog.settle()
    await joblog.status("job", ends)


async def test_a_redrive_opens_one_more_generation(joblog: Joblog) -> None:
    await joblog.announce("mail")
    submitted = await joblog.submit("job")
    await joblog.report(AttemptFailed, await joblog.dispatched("job"), started_at=1, failure=FATAL)
    await joblog.letter("job", "fatal")
    await redrive(joblog, "job", generation=3)
    await redrive(joblog, "job", generation=2)
    await redrive(joblog, "job", generation=2)
    second = await joblog.dispatched("job", generation=2)
    assert second.submission == submitted.value
    await joblog.report(AttemptSucceeded, second, started_at=1)
    row = await joblog.status("job", "succeeded")
    assert row.generation == 2
    assert len(joblog.dispatches()) == 2


async def test_a_discarded_dead_letter_is_marked(joblog: Joblog) -> None:
    await joblog.announce("mail")
    await joblog.submit("job")
    await joblog.report(AttemptFailed, await joblog.dispatched("job"), started_at=1, failure=FATAL)
    await joblog.letter("job", "fatal")
    await joblog.append(
        DeadLetterDiscarded(**joblog.head(), job_id="job", requested_by="ops", reason="known")
    )
    await joblog.until(lambda: (row := joblog.row("job")) and row.discarded)
    assert len(joblog.letters("job")) == 1
