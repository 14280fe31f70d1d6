"""Which jobs are dispatched, and in which order, in memory and on Kafka.

Windows and order are a partition's: all jobs here are in one.
"""

from joblog.schemas.models import AttemptStarted, AttemptSucceeded, JobDispatched
from tests.conformance.conftest import OpenJoblog
from tests.conformance.joblog import Joblog

PRIORITIES = {"low": 1, "usual": 4, "high": 9, "high, later": 9, "last": 0}


def names(joblog: Joblog) -> list[str]:
    dispatched = joblog.events(joblog.topics.work("default").name, JobDispatched)
    return [event.job_id.partition("/")[0] for event in dispatched]


async def test_the_window_bounds_what_is_dispatched_and_priority_and_age_order_it(
    open_joblog: OpenJoblog,
) -> None:
    joblog = await open_joblog(dispatch_window=2)
    ids = {name: joblog.new_job_id(0, name) for name in PRIORITIES}
    for name, priority in PRIORITIES.items():
        await joblog.submit(ids[name], priority=priority)
    await joblog.announce("mail")
    assert names(joblog) == ["high", "high, later"]

    first = await joblog.dispatched(ids["high"])
    await joblog.report(AttemptSucceeded, first, started_at=1)
    await joblog.dispatched(ids["usual"])
    second = await joblog.dispatched(ids["high, later"])
    await joblog.report(AttemptStarted, second, started_at=1, lease_ms=60_000)
    await joblog.dispatched(ids["low"])
    await joblog.settle()
    assert names(joblog) == ["high", "high, later", "usual", "low"]

    await joblog.report(AttemptSucceeded, second, started_at=1)
    await joblog.settle()
    assert names(joblog) == ["high", "high, later", "usual", "low"], "it had left the window before"


async def test_a_raised_window_takes_effect_at_once(open_joblog: OpenJoblog) -> None:
    joblog = await open_joblog(dispatch_window=1)
    await joblog.announce("mail")
    ids = [joblog.new_job_id(0, f"job{number}") for number in range(3)]
    for job_id in ids:
        await joblog.submit(job_id)
    await joblog.settle()
    assert len(names(joblog)) == 1
    await joblog.announce_limits(dispatch_window=3)
    assert names(joblog) == ["job0", "job1", "job2"]
