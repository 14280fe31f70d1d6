"""What is decided and not yet committed, over what is committed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from joblog.lifecycle.partition.keys import job_key, timer_key
from joblog.lifecycle.partition.working_set import WorkingSet
from tests.unit.lifecycle.partition_log import DictView, PartitionLog

INDEX = [b"b1", b"b2", b"t1", b"t2", b"t3"]
"""Put where they are absent and deleted where they are present, as index entries and held records are."""

NAMED = [b"l1", b"l2"]
"""Put at any time and never deleted, as what a log announces is."""

operations = st.lists(
    st.tuples(st.just("flip"), st.sampled_from(INDEX))
    | st.tuples(st.just("put"), st.sampled_from(NAMED))
    | st.tuples(st.sampled_from(["freeze", "thaw"]), st.just(b"")),
    max_size=40,
)


class AskedView(DictView):
    """Notes how many entries each scan asks for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[int] = []

    def scan(
        self, start: bytes, stop: bytes, limit: int, most_bytes: int | None = None
    ) -> list[tuple[bytes, bytes]]:
        self.asked.append(limit)
        return super().scan(start, stop, limit, most_bytes)


@given(operations)
def test_it_reads_as_if_every_change_were_committed_at_once(
    history: list[tuple[str, bytes]],
) -> None:
    view, model = DictView(), DictView()
    state = WorkingSet(view)
    frozen = None
    for number, (name, key) in enumerate(history):
        if name == "put" or (name == "flip" and model.get(key) is None):
            state.put(key, b"%d" % number)
            model.write([(key, b"%d" % number)])
        elif name == "flip":
            state.delete(key)
            model.write([(key, None)])
        elif name == "freeze" and frozen is None:
            frozen = [*state.freeze()]
        elif name == "thaw" and frozen is not None:
            view.write(frozen)
            state.thaw()
            frozen = None
        assert [state.get(key) for key in INDEX + NAMED] == [
            model.get(key) for key in INDEX + NAMED
        ]
        for most in (1, 2, 3):
            assert state.scan(b"b", b"m", most) == model.scan(b"b", b"m", most)
        for start, stop in ((b"t", b"t2"), (b"t2", b"u"), (b"t", b"u")):
            assert state.scan(start, stop, 1) == model.scan(start, stop, 1)
    view.write(frozen or [])
    state.thaw()
    view.write(state.freeze())
    assert view.entries == model.entries


def test_it_asks_what_is_committed_for_as_many_entries_more_as_were_deleted() -> None:
    view = AskedView()
    view.write([(b"t1", b""), (b"t2", b""), (b"t3", b"")])
    state = WorkingSet(view)
    for number in range(4, 9):
        state.put(b"t%d" % number, b"")
    assert state.scan(b"t", b"u", 1) == [(b"t1", b"")]
    state.delete(b"t1")
    assert state.scan(b"t", b"u", 1) == [(b"t2", b"")]
    assert view.asked == [1, 2]


def test_a_look_steps_over_no_timer_that_was_deleted_and_asks_for_none_before_one_can_be_due() -> (
    None
):
    view = AskedView()
    state = WorkingSet(view)
    for wake_at in (1, 2, 3):
        state.put(timer_key(wake_at, b"j"), b"")
    view.write(state.freeze())
    state.thaw()
    for wake_at in (1, 2):
        state.delete(timer_key(wake_at, b"j"))
    assert state.may_be_due(1)
    assert state.scan(b"t", b"u", 1) == [(timer_key(3, b"j"), b"")]
    state.scan(b"t", b"u", 1)
    assert view.asked == [3, 1]
    assert [state.may_be_due(now) for now in (2, 3)] == [False, True]
    state.put(timer_key(2, b"j"), b"")
    assert [state.may_be_due(now) for now in (1, 2)] == [False, True]


def test_what_came_and_went_between_two_commits_leaves_no_trace() -> None:
    state = WorkingSet(DictView())
    state.put(b"l1", b"value")
    state.delete(b"l1")
    assert [*state.freeze()] == []


def test_a_committed_entry_that_was_replaced_and_deleted_is_deleted() -> None:
    view = DictView()
    view.write([(b"l1", b"old")])
    state = WorkingSet(view)
    state.delete(b"l1")
    state.put(b"l1", b"new")
    state.delete(b"l1")
    assert [*state.freeze()] == [(b"l1", None)]


@pytest.mark.parametrize(("rows", "known"), [(1, [False, True]), (2, [True, True])])
def test_the_newest_rows_stay_decoded_after_their_commit(rows: int, known: list[bool]) -> None:
    log = PartitionLog()
    log.submit("a", "rare")
    log.submit("b", "rare")
    view = DictView()
    state = WorkingSet(view, cached_bytes=rows * len(log.row("a").opening.encoded))
    for job_id in "ab":
        state.put_row(None, log.row(job_id))
    view.write(state.freeze())
    state.thaw()
    for job_id in "ab":
        del view.entries[job_key(job_id)]  # whoever still knows the row has it in memory
    assert [state.row(job_id) is not None for job_id in "ab"] == known


def test_rows_of_jobs_that_are_over_take_no_memory() -> None:
    log = PartitionLog()
    log.announce()
    log.submit()
    log.succeed()
    log.commit()
    del log.view.entries[job_key("job")]
    assert log.fold.row("job") is None


def test_what_is_frozen_and_not_committed_is_never_lost() -> None:
    state = WorkingSet(DictView())
    state.put(b"l1", b"1")
    assert [*state.freeze()] == [(b"l1", b"1")]
    with pytest.raises(RuntimeError, match="not committed yet"):
        state.freeze()
