"""What decisions depend on is announced in the partition; only a higher version changes anything."""

from joblog.lifecycle.partition.knowledge import UNANNOUNCED
from joblog.schemas.models import JobDeadLettered, JobDispatched, RetryPolicy
from tests.unit.lifecycle.partition_log import PartitionLog


def test_a_type_is_known_by_its_highest_version() -> None:
    log = PartitionLog()
    log.announce("mail", version=2, timeout_ms=2)
    for version in (1, 2):
        log.announce("mail", version=version, timeout_ms=9)
    log.submit("a")
    log.announce("mail", version=3, timeout_ms=3)
    log.submit("b")
    assert [event.timeout_ms for event in log.emitted(JobDispatched)] == [2, 3]


def test_a_type_of_a_lane_that_the_log_does_not_have_is_refused() -> None:
    log = PartitionLog()
    log.announce("mail", lane="nowhere")
    log.submit()
    assert log.dispatched() == []
    (letter,) = log.emitted(JobDeadLettered)
    assert letter.reason == "illegal"
    assert "lane 'nowhere' of type 'mail' is none of this log's: default" in letter.detail


def test_the_shorter_timeout_counts() -> None:
    log = PartitionLog()
    log.announce("mail", timeout_ms=5_000)
    log.submit("shorter", timeout_ms=1_000)
    log.submit("longer", timeout_ms=9_000)
    assert [event.timeout_ms for event in log.emitted(JobDispatched)] == [1_000, 5_000]


def test_limits_are_known_by_their_highest_version() -> None:
    log = PartitionLog()
    assert log.fold.knowledge.limits == UNANNOUNCED
    log.limit(version=2, loss_limit=2)
    for version in (1, 2):
        log.limit(version=version, loss_limit=9)
    assert log.fold.knowledge.limits.loss_limit == 2
    log.limit(version=3, loss_limit=3)
    assert log.fold.knowledge.limits.loss_limit == 3


def test_the_first_announcement_counts_whatever_its_version() -> None:
    log = PartitionLog()
    log.limit(version=UNANNOUNCED.version, loss_limit=9)
    assert log.fold.knowledge.limits.loss_limit == 9


def test_announcements_outlive_the_owner() -> None:
    log = PartitionLog()
    log.announce("mail", retry_policy=RetryPolicy(max_attempts=7))
    log.limit(loss_limit=9)
    log.reopen()
    assert log.fold.knowledge.limits.loss_limit == 9
    log.submit()
    assert log.emitted(JobDispatched)[0].max_attempts == 7


def test_a_job_waits_for_its_type_as_long_as_the_grace_lasts() -> None:
    log = PartitionLog()
    log.limit(unknown_type_grace_ms=1_000)
    log.submit("waits", "rare")
    log.tick(500)
    log.submit("later", "rare")
    log.tick(500)
    (letter,) = log.emitted(JobDeadLettered)
    assert (letter.job_id, letter.reason) == ("waits", "unknown_type")
    assert "'rare'" in letter.detail
    log.announce("rare")
    assert log.dispatched() == ["later"]


def test_a_deadline_within_the_grace_comes_first() -> None:
    log = PartitionLog()
    log.submit("job", "rare", deadline=log.now + 1_000)
    log.tick(1_000)
    assert log.row().status == "expired"


def test_a_job_whose_deadline_passed_while_it_waited_for_room_is_not_dispatched() -> None:
    log = PartitionLog()
    log.limit(dispatch_window=1)
    log.announce("mail")
    log.submit("first")
    log.submit("second", deadline=log.now + 1_000)
    log.now += 1_000
    log.succeed("first")
    assert log.row("second").status == "expired"
    assert log.dispatched() == ["first"]


def test_a_new_owner_knows_every_type_however_many_there_are() -> None:
    log = PartitionLog()
    names = {f"type {number}" for number in range(2_500)}
    for name in names:
        log.announce(name)
    log.reopen()
    assert set(log.fold.knowledge.types) == names
