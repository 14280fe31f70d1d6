"""However many keys and jobs there are, few places are in memory, and none is forgotten."""

from typing import cast

from hypothesis import given
from hypothesis import strategies as st

from joblog.lifecycle.partition.order import Order
from joblog.lifecycle.partition.working_set import WorkingSet
from joblog.lifecycle.states import Status
from joblog.schemas.models import JobSubmitted
from joblog.schemas.state import JobRow, Opening
from tests.unit.lifecycle.partition_log import CODEC, DictView, submission

KEYS = ("a", "b", "c")
acts = st.lists(
    st.tuples(st.just("enter"), st.sampled_from(KEYS))
    | st.tuples(st.sampled_from(["end", "end first"]), st.sampled_from(KEYS))
    | st.tuples(st.just("commit"), st.just(""))
    | st.tuples(st.just("freeze"), st.just("")),
    max_size=80,
)


def row_of(position: int, key: str) -> JobRow:
    job_id = f"job-{position}"
    event = submission({"event_id": "e", "time": 0}, job_id, "mail", ordering_key=key)
    opening = Opening.of(
        job_id=job_id,
        generation=1,
        type="mail",
        queue="default",
        priority=4,
        tenant="default",
        submission=CODEC.encode(event),
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
    return JobRow(opening, Status.PENDING, 0)


class Orders:
    """An order with room for two keys and four places each, beside the jobs of each key."""

    def __init__(self) -> None:
        self.view = DictView()
        self.state = WorkingSet(self.view)
        self.order = Order(self.state, keys=2, head_size=4)
        self.jobs: dict[str, list[JobRow]] = {key: [] for key in KEYS}
        self._position = 0
        self._frozen: list[tuple[bytes, bytes | None]] | None = None

    def enter(self, key: str) -> None:
        self._position += 1
        row = self.order.in_turn(row_of(self._position, key))
        self.state.put_row(None, row)
        assert self.order.moved(None, row) is None
        self.jobs[key].append(row)

    def end(self, key: str, place: int) -> None:
        if self.jobs[key]:
            before = self.jobs[key].pop(place)
            after = before.changed(status=Status.CANCELLED)
            self.state.put_row(before, after)
            freed = self.order.moved(before, after)
            if freed is not None:
                self.jobs[key][0] = freed.changed(status=Status.PENDING)
                self.state.put_row(freed, self.jobs[key][0])

    def freeze(self) -> None:
        if self._frozen is None:
            self._frozen = [*self.state.freeze()]

    def commit(self) -> None:
        if self._frozen is not None:
            self.view.write(self._frozen)
            self.state.thaw()
            self._frozen = None

    def check(self) -> None:
        for jobs in self.jobs.values():
            if jobs:
                assert self.order.first(jobs[-1]) == jobs[0]
                assert [row.status for row in jobs[:2]] == ["pending", "blocked"][: len(jobs)]


@given(acts)
def test_the_first_of_each_key_is_found(history: list[tuple[str, str]]) -> None:
    orders = Orders()
    for act, key in history:
        match act:
            case "enter":
                orders.enter(key)
            case "end":
                orders.end(key, -1)
            case "end first":
                orders.end(key, 0)
            case "freeze":
                orders.freeze()
            case _:
                orders.commit()
        orders.check()


class CountingView(DictView):
    """Counts the entries that scans return."""

    def __init__(self) -> None:
        super().__init__()
        self.found = 0

    def scan(
        self, start: bytes, stop: bytes, limit: int, most_bytes: int | None = None
    ) -> list[tuple[bytes, bytes]]:
        entries = super().scan(start, stop, limit, most_bytes)
        self.found += len(entries)
        return entries


def test_a_job_that_ends_costs_the_same_however_many_wait_behind_it() -> None:
    waiting, ends = 3_000, 300
    view = CountingView()
    state = WorkingSet(view)
    rows = [row_of(number, "a") for number in range(waiting)]
    for row in rows:
        state.put_row(None, row)
    view.write(state.freeze())
    state.thaw()
    order = Order(state, head_size=16)
    for row in rows[:ends]:
        assert order.first(row) == row
        after = row.changed(status=Status.SUCCEEDED)
        state.put_row(row, after)
        order.moved(row, after)
        view.write(state.freeze())
        state.thaw()
    assert view.found <= 2 * ends + 16


def test_the_key_of_a_submission_is_that_of_its_row() -> None:
    row = row_of(7, "Grüße")
    event = cast("JobSubmitted", CODEC.decode(row.opening.submission))
    assert row.opening.ordering_key == event.ordering_key == "Grüße"
