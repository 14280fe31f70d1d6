"""What a few bytes of a row tell about it is what the row says."""

from hypothesis import assume, given
from hypothesis import strategies as st

from joblog.lifecycle.partition.keys import derive, index_entries, job_key
from joblog.lifecycle.states import Status
from joblog.schemas.framing import frame
from joblog.schemas.state import JobRow
from joblog.schemas.state.waiting import may_wait, time_of_wake
from tests.unit.schemas.rows import rows

statuses = st.sampled_from(Status)
times = st.none() | st.integers(0, 2**62)
awkward = st.sampled_from([b"", b"\x0epending", b"\x00\x00", b"\x01\x00", b"\x02"])


@given(rows, statuses, times, awkward)
def test_a_row_that_may_not_wait_has_no_local_entries(
    row: JobRow, status: Status, wake_at: int | None, result: bytes
) -> None:
    is_ordered = row.opening.ordering_key is not None
    assume(is_ordered or status != Status.BLOCKED)
    opening = row.opening.reopened(priority=4, position=7)
    decoded = row._replace(opening=opening, status=status, wake_at=wake_at, result=result)
    value = decoded.encode()
    waits = status == Status.PENDING or wake_at is not None or is_ordered
    assert may_wait(value) or not waits
    assert waits or b"pending" in value or not may_wait(value)
    assert list(derive(job_key(row.job_id), value)) == list(index_entries(decoded))


@given(rows, times)
def test_the_time_of_wake_is_read_from_the_end(row: JobRow, wake_at: int | None) -> None:
    value = row._replace(status=Status.RUNNING, reason=None, wake_at=wake_at).encode()
    is_unsure = b"pending" in value or row.opening.ordering_key is not None
    assert time_of_wake(value) in {wake_at, None if is_unsure else wake_at}


@given(rows)
def test_a_row_of_another_version_may_wait(row: JobRow) -> None:
    value = frame(b"unknown!", row.encode()[10:])
    assert may_wait(value)
    assert time_of_wake(value) is None
