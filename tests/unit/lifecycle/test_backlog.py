"""Which jobs are dispatched, in which order, and how far ahead of the workers."""

from collections.abc import Callable
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from joblog.lifecycle.partition.backlog import Backlog, waiting_in
from joblog.lifecycle.partition.front import Front
from joblog.lifecycle.partition.view import StateView
from joblog.lifecycle.partition.working_set import WorkingSet
from joblog.lifecycle.states import Status
from joblog.schemas.models import AttemptStarted, JobCancelRequested
from joblog.schemas.state import JobRow, Opening
from tests.unit.lifecycle.partition_log import DictView, PartitionLog


def with_window(window: int) -> PartitionLog:
    log = PartitionLog()
    log.limit(dispatch_window=window)
    return log


def test_higher_priorities_come_first_and_then_older_jobs() -> None:
    log = with_window(10)
    for job_id, priority in {"a": 4, "b": 9, "c": 0, "d": 9, "e": 4}.items():
        log.submit(job_id, priority=priority)
    log.announce("mail")
    assert log.dispatched() == ["b", "d", "a", "e", "c"]


def test_priority_and_age_count_across_types_and_queues() -> None:
    log = with_window(1)
    log.announce("mail")
    log.announce("report")
    log.submit("first")
    log.submit("a", "report", priority=1)
    log.submit("b", "mail", priority=5, queue="slow")
    log.submit("c", "report", priority=5)
    log.submit("d", "mail", priority=9)
    for job_id in ("first", "d", "b", "c", "a"):
        assert log.dispatched()[-1] == job_id
        log.succeed(job_id)


def test_the_window_bounds_what_is_dispatched_and_not_started() -> None:
    log = with_window(2)
    log.announce("mail")
    for job_id in "abcd":
        log.submit(job_id)
    assert log.dispatched() == ["a", "b"]
    log.report(AttemptStarted, "b", started_at=1, lease_ms=1_000)
    assert log.dispatched() == ["a", "b", "c"]
    log.succeed("b")
    assert log.dispatched() == ["a", "b", "c"], "b had left the window when it started"
    log.succeed("a")
    assert log.dispatched() == ["a", "b", "c", "d"]
    assert log.fold.in_flight == {"default": 2}
    assert log.fold.waiting == {}


def test_each_lane_has_a_window_of_its_own() -> None:
    log = with_window(1)
    log.announce("mail")
    log.announce("report", lane="bulk")
    for job_id in "abc":
        log.submit(job_id, "mail")
    log.submit("r", "report")
    assert log.dispatched() == ["a", "r"]
    assert log.fold.in_flight == {"default": 1, "bulk": 1}


def test_a_type_that_moves_to_another_lane_uses_that_ones_window() -> None:
    log = with_window(1)
    log.announce("mail")
    log.submit("a")
    log.submit("b")
    log.announce("mail", version=2, lane="bulk")
    assert log.dispatched() == ["a", "b"]
    log.succeed("a")
    assert log.fold.in_flight == {"bulk": 1}


def test_a_lane_that_the_log_has_no_more_is_waited_for() -> None:
    log = with_window(1)
    log.announce("report", lane="bulk")
    log.limit(version=2, lanes=("default",))
    log.submit("r", "report")
    assert log.dispatched() == []
    log.limit(version=3)
    assert log.dispatched() == ["r"]


def test_a_raised_window_is_filled_at_once_and_a_lowered_one_is_waited_for() -> None:
    log = with_window(1)
    log.announce("mail")
    for job_id in "abcde":
        log.submit(job_id)
    log.limit(version=2, dispatch_window=3)
    assert log.dispatched() == ["a", "b", "c"]
    log.limit(version=3, dispatch_window=1)
    log.succeed("a")
    log.succeed("b")
    assert log.dispatched() == ["a", "b", "c"]
    log.succeed("c")
    assert log.dispatched() == ["a", "b", "c", "d"]


def test_a_job_that_left_the_backlog_otherwise_is_passed_over() -> None:
    log = with_window(1)
    log.announce("mail")
    for job_id in "abc":
        log.submit(job_id)
    log.ask(JobCancelRequested, "b")
    log.succeed("a")
    assert log.dispatched() == ["a", "c"]


def test_a_retry_keeps_the_age_of_its_job() -> None:
    log = with_window(1)
    log.announce("mail")
    log.submit("old")
    log.submit("young")
    log.fail("old", retry_after_ms=0)
    assert log.dispatched() == ["old", "old"]


@pytest.mark.parametrize("dies", [PartitionLog.commit, PartitionLog.reopen])
def test_the_order_outlives_a_commit_and_a_new_owner(dies: Callable[[PartitionLog], None]) -> None:
    log = with_window(1)
    log.announce("mail")
    for job_id, priority in {"a": 4, "b": 1, "c": 9}.items():
        log.submit(job_id, priority=priority)
        dies(log)
    assert log.fold.waiting == {"mail\x00default": 2}
    for job_id in "acb":
        assert log.dispatched()[-1] == job_id
        log.succeed(job_id)
        dies(log)
    assert log.fold.in_flight == {}


def job(position: int, priority: int, queue: str = "default") -> JobRow:
    opening = Opening.of(
        job_id=f"job {position}",
        generation=1,
        type="mail",
        queue=queue,
        priority=priority,
        tenant="default",
        submission=b"",
        traceparent=None,
        headers=(),
        submitted_at=0,
        opened_at=0,
        submission_offset=position,
        position=position,
        deadline=None,
        correlation_id=None,
        max_attempts=None,
        timeout_ms=None,
    )
    return JobRow(opening, Status.PENDING, updated_at=0)


class Waiting:
    """A backlog, and a list of what is in it."""

    def __init__(self, head_size: int) -> None:
        self.state = WorkingSet(DictView())
        self.backlog = Backlog(self.state, {}, head_size)
        self.head_size = head_size
        self.left: list[JobRow] = []

    def enter(self, row: JobRow) -> None:
        self.state.put_row(None, row)
        self.backlog.enter(row)
        self.left.append(row)

    def leave(self, row: JobRow) -> None:
        self.state.put_row(row, row._replace(status=Status.DISPATCHED))
        self.backlog.leave(row)
        self.left.remove(row)

    def take(self) -> None:
        """Take the first job, which has to be the right one."""
        first = self.backlog.first_of_type("mail")
        assert first is not None
        expected = min(self.left, key=lambda row: (-row.opening.priority, row.opening.position))
        assert first.row == expected
        self.leave(first.row)

    def reopen(self) -> None:
        """Go on as another owner would, which knows the counts alone."""
        counted = waiting_in(cast("StateView", self.state))  # nothing here scans by bytes
        assert counted == self.backlog.waiting
        self.backlog = Backlog(self.state, counted, self.head_size)


@given(
    st.lists(st.tuples(st.integers(0, 9), st.sampled_from("abc")), min_size=1, max_size=60),
    st.integers(2, 8),
    st.data(),
)
def test_however_little_of_it_is_in_memory_the_order_is_the_same(
    jobs: list[tuple[int, str]], head_size: int, data: st.DataObject
) -> None:
    waiting = Waiting(head_size)
    for position, (priority, queue) in enumerate(jobs):
        waiting.enter(job(position, priority, queue))
        match data.draw(st.sampled_from(["go on", "take", "leave", "reopen"])):
            case "take":
                waiting.take() if waiting.left else None
            case "leave" if waiting.left:
                waiting.leave(data.draw(st.sampled_from(waiting.left)))
            case "reopen":
                waiting.reopen()
    while waiting.left:
        waiting.take()
    assert waiting.backlog.first_of_type("mail") is None
    assert waiting.backlog.waiting == {}
    assert not waiting.backlog.types


@pytest.mark.source  # puts a counter in place of a method
def test_ten_thousand_queues_cost_a_dispatch_no_more_than_one_does() -> None:
    waiting = Waiting(8)
    for position in range(10_000):
        waiting.enter(job(position, position % 10, f"queue {position}"))
    seen = 0
    rows = waiting.state.row

    def counted(job_id: str) -> JobRow | None:
        nonlocal seen
        seen += 1
        return rows(job_id)

    waiting.state.row = counted  # type: ignore[method-assign]
    for _ in range(5):
        first = waiting.backlog.first_of_type("mail")
        assert first is not None
        waiting.leave(first.row)
    assert seen <= 10


def test_lines_that_come_and_go_leave_nothing_behind() -> None:
    front = Front()
    front.add("first", b"0")
    for round_ in range(10_000):
        front.add("other", b"%06d" % (20_000 - round_))
        front.remove("other")
    assert len(front._heap) < 200  # noqa: SLF001 - what would grow
    assert front.first() == (b"0", "first")
