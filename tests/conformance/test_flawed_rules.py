"""Rules that always raise for some jobs cost those jobs only, in memory and on Kafka."""

import pytest

from joblog.lifecycle.decisions import Context, Decision
from joblog.lifecycle.rules import VERSIONS
from joblog.lifecycle.rules_v1 import RulesV1
from joblog.schemas.models import AttemptSucceeded, JobCancelRequested, JobEvent
from joblog.schemas.state import JobRow
from tests.conformance.joblog import Joblog, partition_goes_on


class FlawedRules:
    """Version 1, but each of its functions raises for the jobs that are named after it."""

    def __init__(self) -> None:
        self._sound = RulesV1()
        self.give_up = self._sound.give_up
        self.wake_at = self._sound.wake_at

    def decide(self, row: JobRow | None, event: JobEvent, context: Context) -> Decision:
        of_outcome = isinstance(event, AttemptSucceeded) and event.job_id == "outcome"
        if event.job_id.startswith("decide") or of_outcome or isinstance(event, JobCancelRequested):
            raise ZeroDivisionError("flawed")
        return self._sound.decide(row, event, context)

    def dispatch(self, row: JobRow, context: Context) -> Decision:
        if row.job_id.startswith("dispatch"):
            raise ZeroDivisionError("flawed")
        return self._sound.dispatch(row, context)

    def elapse(self, row: JobRow, context: Context) -> Decision:
        if row.job_id.startswith("elapse"):
            raise ZeroDivisionError("flawed")
        return self._sound.elapse(row, context)


@pytest.fixture(autouse=True)
def flawed_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(VERSIONS, 1, FlawedRules())


async def test_a_record_whose_decision_raises_is_dead_lettered(joblog: Joblog) -> None:
    await joblog.announce("mail")
    record = await joblog.submit("decide")
    letter = await joblog.letter_about(record)
    assert (letter.reason, letter.original.value) == ("rule_raised", record.value)
    assert "ZeroDivisionError: flawed" in letter.detail
    assert joblog.row("decide") is None
    await partition_goes_on(joblog, record.partition)


async def test_a_job_whose_event_raises_stays_as_it_is(joblog: Joblog) -> None:
    await joblog.announce("mail")
    await joblog.submit("job")
    await joblog.dispatched("job")
    cancel = JobCancelRequested(**joblog.head(), job_id="job", requested_by="ops")
    letter = await joblog.letter_about(await joblog.append(cancel))
    assert letter.reason == "rule_raised"
    await joblog.status("job", "dispatched")


async def test_a_job_whose_outcome_raises_is_dead_lettered(joblog: Joblog) -> None:
    await joblog.announce("mail")
    submitted = await joblog.submit("outcome")
    record = await joblog.report(AttemptSucceeded, await joblog.dispatched("outcome"), started_at=1)
    letter = await joblog.letter("outcome", "rule_raised")
    assert (letter.original.value, letter.attempts) == (submitted.value, 1)
    await joblog.status("outcome", "dead_lettered")
    await partition_goes_on(joblog, record.partition)


async def test_a_job_whose_dispatch_raises_is_dead_lettered(joblog: Joblog) -> None:
    await joblog.announce("mail")
    at_once = await joblog.submit("dispatch at once")
    waiting = await joblog.submit("dispatch from the backlog", "later")
    await joblog.announce("later")
    for record in (at_once, waiting):
        job_id = (record.key or b"").decode()
        letter = await joblog.letter(job_id, "rule_raised")
        assert letter.original.value == record.value
        await joblog.status(job_id, "dead_lettered")
        await partition_goes_on(joblog, record.partition)


async def test_a_job_whose_timer_raises_is_dead_lettered(joblog: Joblog) -> None:
    record = await joblog.submit("elapse", "nobody's", deadline=joblog.now() + 100)
    letter = await joblog.letter("elapse", "rule_raised")
    assert letter.original.value == record.value
    await joblog.status("elapse", "dead_lettered")
    await partition_goes_on(joblog, record.partition)
