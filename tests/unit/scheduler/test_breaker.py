"""When a partition stops at poison: a run of it, or a share of what came last."""

import pytest

from joblog.lifecycle.decisions import Verdict
from joblog.lifecycle.partition.fold import Folded
from joblog.processors.scheduler.breaker import WINDOW, Breaker, is_poison
from joblog.schemas.models import AttemptFailed, Failure
from joblog.streams.settings import SchedulerSettings
from tests.unit.lifecycle.partition_log import PartitionLog

GOOD = Folded([], "Tick", Verdict.FACT)
BAD = Folded([], "", Verdict.REFUSED)
OFF = "off"


def breaker(run: object = OFF, share: object = OFF) -> Breaker:
    return Breaker(SchedulerSettings.model_validate({"poison_run": run, "poison_share": share}))


def test_it_stops_at_so_many_in_a_row() -> None:
    it = breaker(run=3)
    assert [it.take(one) for one in (BAD, BAD, GOOD, BAD, BAD)] == [None] * 5
    assert it.take(BAD) == "3 records in a row are poison (scheduler.poison_run)"


def test_it_stops_at_a_share_of_what_came_last_once_there_is_enough() -> None:
    it = breaker(share=0.5)
    taken = [it.take(BAD if number % 2 else GOOD) for number in range(WINDOW)]
    assert taken[:-1] == [None] * (WINDOW - 1)
    assert taken[-1] == f"500 of the last {WINDOW} records are poison (scheduler.poison_share)"


def test_what_was_long_ago_does_not_count() -> None:
    it = breaker(share=0.5)
    for one in (*[BAD] * 499, *[GOOD] * 501):
        assert it.take(one) is None
    assert [it.take(one) for one in [BAD] * 499] == [None] * 499
    assert it.take(GOOD) is None
    assert it.take(BAD) is not None


def test_it_never_stops_where_both_are_off() -> None:
    it = breaker()
    assert not any(it.take(BAD) for _ in range(3 * WINDOW))


@pytest.mark.parametrize("kind", ["payload_rejected", "unknown_type"])
def test_a_job_that_no_worker_can_read_is_poison(kind: str) -> None:
    assert is_poison(given_up(kind))


@pytest.mark.parametrize("kind", ["error", "timeout", "process_died"])
def test_a_job_whose_handler_fails_is_none(kind: str) -> None:
    assert not is_poison(given_up(kind))


def test_a_failure_that_is_tried_again_is_none() -> None:
    log = PartitionLog()
    log.announce("mail")
    log.submit("a")
    assert not is_poison(log.fail("a"))


def given_up(kind: str) -> Folded:
    log = PartitionLog()
    log.announce("mail")
    log.submit("a")
    failure = Failure.model_validate(
        {"kind": kind, "type": "E", "message": "no", "retryable": False}
    )
    return log.report(AttemptFailed, "a", started_at=log.now, failure=failure)
