"""Topics that are others than before: what stood on them is put out again, and nothing else."""

from collections import Counter

import pytest

from joblog.lifecycle.outputs import Destination
from joblog.lifecycle.partition import lost
from joblog.lifecycle.partition.fold import Folded, PartitionFold
from joblog.lifecycle.partition.lost import GRACE_MS
from joblog.lifecycle.states import Status
from joblog.schemas.models import (
    AttemptStarted,
    AttemptSucceeded,
    JobCancelled,
    JobCancelRequested,
    JobDeferred,
    JobDispatched,
    RetryScheduled,
    TopicsAnnounced,
)
from tests.unit.lifecycle.partition_log import TOPIC, DictView, PartitionLog

WORK, SECOND, TEN_SECONDS = "work.default", "delay.1s", "delay.10s"


def announce(log: PartitionLog, number: int = 1, *changed: str) -> Folded:
    """Say which topics there are; those that are named are others than the first ones."""
    topics = {
        name: f"id-{number if name in changed else 0}" for name in (WORK, SECOND, TEN_SECONDS)
    }
    return log.append(TopicsAnnounced(**log.head(), topics=topics))


@pytest.fixture
def log() -> PartitionLog:
    log = PartitionLog()
    log.announce("mail")
    announce(log)
    return log


def lose(log: PartitionLog, topic: str, number: int = 1) -> list[tuple[str, str]]:
    """Say that a topic is another one, let the grace pass, and return what is put out for whom."""
    announce(log, number, topic)
    log.now += GRACE_MS
    return put_out(log)


def put_out(log: PartitionLog) -> list[tuple[str, str]]:
    found = []
    while log.fold.is_due(log.now):
        found += log.tick().emissions
    return [(e.name, (e.key or b"").decode()) for e in found]


def test_the_first_word_about_topics_puts_out_nothing() -> None:
    log = PartitionLog()
    log.announce("mail")
    log.submit("a")
    announce(log)
    log.tick(GRACE_MS)
    assert log.dispatched() == ["a"]


def test_a_dispatch_is_taken_back_uncharged_and_made_again(log: PartitionLog) -> None:
    log.submit("a")
    lose(log, WORK)
    first, second = log.emitted(JobDispatched)
    assert (first.attempt, second.attempt) == (1, 2)
    assert second.submission == first.submission
    assert not second.isolated
    row = log.row("a")
    assert (row.status, row.failures, row.losses) == (Status.DISPATCHED, 0, 0)
    assert log.fold.in_flight == {"default": 1}
    log.succeed("a")
    assert log.row("a").status == Status.SUCCEEDED


def test_workers_have_a_grace_to_say_what_they_run(log: PartitionLog) -> None:
    log.submit("runs")
    log.submit("waits")
    announce(log, 1, WORK)
    log.tick(GRACE_MS - 1)
    log.report(AttemptStarted, "runs", started_at=log.now, lease_ms=60_000)
    log.tick(1)
    assert log.dispatched() == ["runs", "waits", "waits"]
    assert log.row("runs").status == Status.RUNNING


def test_what_is_dispatched_later_stands_on_the_new_topic(log: PartitionLog) -> None:
    log.submit("before")
    announce(log, 1, WORK)
    log.now += 1
    log.submit("after")
    log.tick(GRACE_MS)
    assert log.dispatched() == ["before", "after", "before"]


def test_a_job_that_is_to_be_cancelled_is_not_dispatched_again(log: PartitionLog) -> None:
    log.submit("a")
    log.ask(JobCancelRequested, "a", reason="enough")
    lose(log, WORK)
    assert log.row("a").status == Status.CANCELLED
    assert len(log.emitted(JobCancelled)) == 1
    assert log.dispatched() == ["a"]


def test_only_its_own_lane_is_dispatched_again(log: PartitionLog) -> None:
    log.limit()
    log.announce("bulk", lane="bulk")
    log.submit("a")
    log.submit("b", "bulk")
    lose(log, WORK)
    assert log.dispatched() == ["a", "b", "a"]


def test_a_wait_goes_on_for_its_rest(log: PartitionLog) -> None:
    due = log.now + 8_000
    log.submit("a", not_before=due)
    log.now += 3_000
    announce(log, 1, SECOND)
    folded = log.tick()
    (emission,) = folded.emissions
    assert (emission.destination, emission.name) == (Destination.DELAY, "1s")
    first, second = log.emitted(JobDeferred)
    assert (first.due, second.due) == (due, due)
    assert second.time == log.now
    assert log.row("a").status == Status.SCHEDULED
    assert log.fold.next_wake() is None


def test_a_retry_waits_on_as_well(log: PartitionLog) -> None:
    log.submit("a")
    log.fail("a", retry_after_ms=5_000)
    due = log.row("a").due
    announce(log, 1, SECOND)
    log.tick()
    first, second = log.emitted(RetryScheduled)
    assert (first.due, first.attempt, first.failure) == (second.due, second.attempt, second.failure)
    assert second.due == due


def test_a_wait_that_is_over_by_then_ends(log: PartitionLog) -> None:
    log.submit("a", not_before=log.now + 2_000)
    log.now += 2_000
    announce(log, 1, SECOND)
    log.tick()
    assert log.dispatched() == ["a"]


def test_a_wait_that_is_longer_than_the_tier_takes_stands_elsewhere(log: PartitionLog) -> None:
    log.submit("a", not_before=log.now + 3_600_000)
    announce(log, 1, SECOND)
    assert not log.tick().emissions


def test_what_is_over_stays_over(log: PartitionLog) -> None:
    log.submit("a")
    log.report(AttemptSucceeded, "a", started_at=log.now)
    assert not lose(log, WORK)
    assert log.dispatched() == ["a"]


def test_saying_it_again_changes_nothing(log: PartitionLog) -> None:
    log.submit("a")
    announce(log, 1, WORK)
    announce(log, 1, WORK)
    log.tick(GRACE_MS)
    announce(log, 1, WORK)
    log.tick(GRACE_MS)
    assert log.dispatched() == ["a", "a"]


def test_a_topic_that_is_lost_again_meanwhile_is_looked_through_again(log: PartitionLog) -> None:
    log.submit("a")
    announce(log, 1, WORK)
    log.tick(GRACE_MS - 1)
    announce(log, 2, WORK)
    assert not log.tick(1).emissions
    log.tick(GRACE_MS)
    assert log.dispatched() == ["a", "a"]
    assert log.fold.next_wake() is None


def test_a_topic_that_nobody_knows_holds_nobody(log: PartitionLog) -> None:
    log.submit("a")
    for id_ in ("x", "y"):
        topics = {"delay.soon": id_, "elsewhere": id_}
        log.append(TopicsAnnounced(**log.head(), topics=topics))
    log.tick(GRACE_MS)
    assert log.dispatched() == ["a"]
    assert log.fold.next_wake() is None


def test_topics_and_pages_outlive_the_owner(
    log: PartitionLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lost, "FOUND_AT_ONCE", 2)
    for number in range(5):
        log.submit(f"job-{number}")
    announce(log, 1, WORK)
    log.tick(GRACE_MS)
    log.reopen()
    assert log.fold.knowledge.topics[WORK] == "id-1"
    put_out(log)
    assert Counter(log.dispatched()) == {f"job-{number}": 2 for number in range(5)}


@pytest.mark.parametrize("commits", [False, True])
def test_pages_are_the_same_however_often_the_state_is_committed(
    monkeypatch: pytest.MonkeyPatch, *, commits: bool
) -> None:
    monkeypatch.setattr(lost, "FOUND_AT_ONCE", 3)
    monkeypatch.setattr(lost, "LOOKED_AT_ONCE", 7)
    log = PartitionLog()
    log.announce("mail")
    announce(log)
    for number in range(20):
        log.submit(f"job-{number:02}")
        if number % 2:
            log.succeed(f"job-{number:02}")
        if commits and number % 5 == 0:
            log.commit()
    announce(log, 1, WORK)
    log.tick(GRACE_MS)
    put_out(log)
    fold = PartitionFold(TOPIC, 0, DictView())
    assert [e for record in log.records for e in fold.apply(record).emissions] == log.emissions
    again = [job_id for job_id, times in Counter(log.dispatched()).items() if times == 2]
    assert again == [f"job-{number:02}" for number in range(0, 20, 2)]
