"""Jobs of one ordering key run one at a time, in the order of the log, and wait behind a dead letter."""

import json
from typing import Any

import pytest

from joblog.lifecycle.decisions import Context, Decision, Verdict
from joblog.lifecycle.partitioner import partition_of
from joblog.lifecycle.rules_v1 import RulesV1
from joblog.schemas.avro_schema import AvroSchema
from joblog.schemas.catalog import latest
from joblog.schemas.framing import frame
from joblog.schemas.models import (
    AttemptCancelled,
    AttemptLost,
    DeadLetterDiscarded,
    DelayElapsed,
    JobCancelRequested,
    JobDeadLettered,
    JobEvent,
    JobRedriven,
    RetryPolicy,
    SchemaAnnounced,
)
from joblog.schemas.state import JobRow
from tests.unit.lifecycle.partition_log import PartitionLog, submission


@pytest.fixture
def log() -> PartitionLog:
    """A log whose jobs have two attempts."""
    log = PartitionLog()
    log.announce("mail", retry_policy=RetryPolicy(max_attempts=2, initial_delay_ms=100))
    return log


def submit(log: PartitionLog, *jobs: str, key: str = "account 7", **fields: Any) -> None:  # noqa: ANN401 - the model checks them
    for job in jobs:
        log.submit(job, ordering_key=key, **fields)


def statuses(log: PartitionLog, *jobs: str) -> list[str]:
    return [log.row(job).status for job in jobs]


def test_each_waits_for_the_end_of_the_one_before(log: PartitionLog) -> None:
    submit(log, "a", "b", "c")
    assert statuses(log, "a", "b", "c") == ["dispatched", "blocked", "blocked"]
    log.succeed("a")
    assert statuses(log, "a", "b", "c") == ["succeeded", "dispatched", "blocked"]
    log.succeed("b")
    log.succeed("c")
    assert log.dispatched() == ["a", "b", "c"]


def test_a_blocked_job_says_for_whom_it_waits(log: PartitionLog) -> None:
    submit(log, "a", "b", "c")
    assert log.fold.waits_for(log.row("a")) is None
    assert log.fold.waits_for(log.row("c")) == "a"
    assert (log.fold.waiting, log.fold.blocked) == ({}, {"mail\x00default": 2})
    log.succeed("a")
    assert log.fold.waits_for(log.row("c")) == "b"


def test_other_keys_other_tenants_and_jobs_without_a_key_do_not_wait(log: PartitionLog) -> None:
    submit(log, "a")
    submit(log, "b", key="account 8")
    submit(log, "c", tenant="acme")
    log.submit("d")
    assert log.dispatched() == ["a", "b", "c", "d"]


def test_priority_does_not_change_the_order(log: PartitionLog) -> None:
    submit(log, "a", priority=0)
    submit(log, "b", priority=9)
    log.succeed("a")
    assert log.dispatched() == ["a", "b"]


def test_a_job_that_waits_for_its_retry_keeps_the_others_waiting(log: PartitionLog) -> None:
    submit(log, "a", "b")
    log.fail("a")
    assert statuses(log, "a", "b") == ["retrying", "blocked"]
    log.now += 100
    log.wake("a")
    log.succeed("a")
    assert log.dispatched() == ["a", "a", "b"]


def test_a_job_that_waits_for_its_time_keeps_the_others_waiting(log: PartitionLog) -> None:
    submit(log, "a", not_before=log.now + 100)
    submit(log, "b")
    assert statuses(log, "a", "b") == ["scheduled", "blocked"]
    log.now += 100
    log.wake("a")
    assert statuses(log, "a", "b") == ["dispatched", "blocked"]


def test_a_job_whose_time_comes_before_its_turn_is_blocked(log: PartitionLog) -> None:
    submit(log, "a")
    submit(log, "b", not_before=log.now + 100)
    log.now += 100
    log.wake("b")
    assert statuses(log, "a", "b") == ["dispatched", "blocked"]
    log.succeed("a")
    assert statuses(log, "b") == ["dispatched"]


def test_a_lost_attempt_is_repeated_before_the_next_job(log: PartitionLog) -> None:
    submit(log, "a", "b")
    log.report(AttemptLost, "a")
    assert log.dispatched() == ["a", "a"]


def test_later_jobs_wait_behind_a_dead_letter_until_it_is_redriven(log: PartitionLog) -> None:
    submit(log, "a", "b", "c")
    log.fail("a", retryable=False)
    assert statuses(log, "a", "b", "c") == ["dead_lettered", "blocked", "blocked"]
    assert log.fold.waits_for(log.row("b")) == "a"
    log.ask(JobRedriven, "a", generation=2)
    assert statuses(log, "a", "b", "c") == ["dispatched", "blocked", "blocked"]
    log.succeed("a")
    assert statuses(log, "a", "b", "c") == ["succeeded", "dispatched", "blocked"]


def test_a_redriven_job_that_fails_again_keeps_its_place(log: PartitionLog) -> None:
    submit(log, "a", "b")
    for generation in (2, 3):
        log.fail("a", retryable=False)
        log.ask(JobRedriven, "a", generation=generation)
    assert statuses(log, "a", "b") == ["dispatched", "blocked"]
    log.succeed("a")
    assert statuses(log, "b") == ["dispatched"]


class DelaysRaise:
    """Rules by which a job that waits for its time is dead-lettered at it, whoever else is."""

    def __init__(self) -> None:
        rules = RulesV1()
        self._decide = rules.decide
        self.dispatch = rules.dispatch
        self.elapse = rules.elapse
        self.restore = rules.restore
        self.give_up = rules.give_up
        self.wake_at = rules.wake_at

    def decide(self, row: JobRow | None, event: JobEvent, context: Context) -> Decision:
        if isinstance(event, DelayElapsed):
            raise ValueError("broken")  # noqa: TRY004 - as a mistake would
        return self._decide(row, event, context)


def test_dead_letters_that_are_redriven_in_any_order_run_in_their_own() -> None:
    log = PartitionLog({1: DelaysRaise()})
    log.announce("mail")
    submit(log, "a")
    submit(log, "b", not_before=log.now + 100)
    submit(log, "c")
    log.fail("a", retryable=False)
    log.now += 100
    log.wake("b")
    assert statuses(log, "a", "b", "c") == ["dead_lettered", "dead_lettered", "blocked"]
    for job in ("b", "a"):
        log.ask(JobRedriven, job, generation=2)
    assert statuses(log, "a", "b", "c") == ["dispatched", "blocked", "blocked"]
    for job in ("a", "b", "c"):
        assert log.dispatched()[-1] == job
        log.succeed(job)


def test_a_discarded_dead_letter_lets_the_next_one_run(log: PartitionLog) -> None:
    submit(log, "a", "b")
    log.fail("a", retryable=False)
    log.ask(DeadLetterDiscarded, "a")
    assert statuses(log, "a", "b") == ["dead_lettered", "dispatched"]


def test_a_discarded_dead_letter_that_is_redriven_comes_last(log: PartitionLog) -> None:
    submit(log, "a", "b", "c")
    log.fail("a", retryable=False)
    log.ask(DeadLetterDiscarded, "a")
    log.ask(JobRedriven, "a", generation=2)
    assert statuses(log, "a", "b", "c") == ["blocked", "dispatched", "blocked"]
    log.succeed("b")
    log.succeed("c")
    assert log.dispatched() == ["a", "b", "c", "a"]


def test_a_cancel_takes_only_the_job_itself_out(log: PartitionLog) -> None:
    submit(log, "a", "b", "c")
    log.ask(JobCancelRequested, "b")
    assert statuses(log, "a", "b", "c") == ["dispatched", "cancelled", "blocked"]
    log.ask(JobCancelRequested, "a")
    assert statuses(log, "a", "c") == ["dispatched", "blocked"], "its attempt is not over"
    log.report(AttemptCancelled, "a")
    assert statuses(log, "a", "c") == ["cancelled", "dispatched"]


def test_a_deadline_takes_only_the_job_itself_out(log: PartitionLog) -> None:
    submit(log, "a")
    submit(log, "b", deadline=log.now + 100)
    submit(log, "c")
    log.tick(100)
    assert statuses(log, "a", "b", "c") == ["dispatched", "expired", "blocked"]


def test_those_whose_deadline_passed_meanwhile_let_the_next_one_run(log: PartitionLog) -> None:
    submit(log, "a")
    submit(log, "b", "c", deadline=log.now + 100)
    submit(log, "d")
    log.now += 100
    log.succeed("a")
    assert statuses(log, "b", "c", "d") == ["expired", "expired", "dispatched"]


def test_the_grace_of_an_unknown_type_begins_with_the_turn() -> None:
    log = PartitionLog()
    log.limit(unknown_type_grace_ms=1_000)
    log.announce("mail")
    submit(log, "a")
    submit(log, "b", type_="later")
    log.tick(5_000)
    assert statuses(log, "b") == ["blocked"]
    log.succeed("a")
    log.tick(999)
    assert statuses(log, "b") == ["pending"]
    log.tick(1)
    assert statuses(log, "b") == ["dead_lettered"]


def test_a_crash_between_a_commit_and_the_end_changes_nothing(log: PartitionLog) -> None:
    submit(log, "a", "b", "c", "d")
    log.ask(JobCancelRequested, "b")
    log.reopen()
    assert log.fold.blocked == {"mail\x00default": 2}
    log.succeed("a")
    log.reopen()
    assert statuses(log, "c", "d") == ["dispatched", "blocked"]
    assert log.fold.waits_for(log.row("d")) == "c"


def test_a_repeated_submission_takes_no_second_place(log: PartitionLog) -> None:
    submit(log, "a", "b")
    assert log.submit("a", ordering_key="account 7").verdict == Verdict.DUPLICATE
    log.succeed("a")
    log.succeed("b")
    submit(log, "c")
    assert log.dispatched() == ["a", "b", "c"]


def refusal(log: PartitionLog) -> str:
    (letter,) = log.emitted(JobDeadLettered)
    assert letter.reason == "illegal"
    return letter.detail


def test_an_ordering_key_of_another_partition_is_refused() -> None:
    log = PartitionLog(partitions=4)
    (job, *_) = [f"job-{n}" for n in range(99) if partition_of(b"job-%d" % n, 4) == 0]
    keys = [f"key {n}" for n in range(99)]
    foreign = next(key for key in keys if partition_of(key.encode(), 4) == 3)
    own = next(key for key in keys if partition_of(key.encode(), 4) == 0)
    assert log.submit(job, ordering_key=foreign).verdict == Verdict.REFUSED
    detail = refusal(log)
    assert f"ordering key {foreign!r} belongs into partition 3" in detail
    assert f"job id {job!r} into 0" in detail
    assert "take a job id of that partition" in detail
    assert log.submit(job, ordering_key=own).verdict == Verdict.CHANGED


def test_an_ordering_key_beside_an_idempotency_key_is_refused(log: PartitionLog) -> None:
    log.submit("default/mail/once", ordering_key="a", idempotency_key="once")
    assert "submit with one of them" in refusal(log)


def test_an_ordering_key_in_a_schema_of_somebody_else_is_refused(log: PartitionLog) -> None:
    definition = json.loads(latest("events")["JobSubmitted"].to_json())
    definition["fields"].append({"name": "region", "type": "string", "default": ""})
    theirs = AvroSchema.of(definition)
    log.append(SchemaAnnounced.of(theirs, log.now))
    event = submission(log.head(), "a", "mail", ordering_key="account 7")
    log.append_raw(event.key, frame(theirs.fingerprint, theirs.write(event.model_dump())))
    assert "in a schema of JobSubmitted that is none of joblog's" in refusal(log)
