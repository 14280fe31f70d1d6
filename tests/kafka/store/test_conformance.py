"""What every PartitionStore does: the one on Kafka and the one in memory."""

import asyncio
from typing import Protocol

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from joblog.streams.memory.store import MemoryChangelog, MemoryStore
from joblog.streams.store import (
    CommitStep,
    FencedError,
    InvalidStateKeyError,
    PartitionStore,
    Reached,
    StoreFailedError,
    StoreNotOpenError,
    state_digest,
)
from joblog.streams.store.abc import ignore
from tests.kafka.store.model import (
    DERIVATION,
    Change,
    Model,
    all_entries,
    commit_up_to,
    nth_commit,
    position,
    put,
    state_after,
)
from tests.kafka.store.place import Place

DURABLE_AFTER = {CommitStep.TRANSACTION_COMMITTED, CommitStep.LOCAL_WRITTEN}
ENTRIES = [(b"b" + bytes((number,)) * 2, b"%d" % number) for number in (1, 2, 3, 254, 255)]


class Make(Protocol):
    """Makes a store over the changelog of the test, not yet open."""

    def __call__(self, disk: str = "disk", *, reached: Reached = ignore) -> PartitionStore: ...


@pytest.fixture(params=["memory", "kafka"])
def make(request: pytest.FixtureRequest, place: Place) -> Make:
    changelog = MemoryChangelog()

    def make_memory(disk: str = "disk", *, reached: Reached = ignore) -> PartitionStore:
        del disk
        return MemoryStore(changelog, DERIVATION, reached)

    def make_kafka(disk: str = "disk", *, reached: Reached = ignore) -> PartitionStore:
        return place.store(disk=disk, reached=reached)

    return make_memory if request.param == "memory" else make_kafka


@pytest.fixture
async def store(make: Make) -> PartitionStore:
    store = make()
    await store.open()
    return store


async def test_a_commit_is_visible_when_it_returns(store: PartitionStore) -> None:
    await store.commit([(b"jid", b"\x00\x01row"), (b"lname", b""), (b"bindex", b"entry")])
    assert store.get(b"jid") == b"\x00\x01row"
    assert store.get(b"lname") == b""
    assert store.get(b"bindex") == b"entry"
    assert store.get(b"jother") is None
    await store.commit([(b"jid", b"\x00\x01other"), (b"bindex", None), (b"jmissing", None)])
    assert all_entries(store) == [(b"jid", b"\x00\x01other"), (b"lname", b"")]


async def test_of_several_changes_of_a_key_the_last_counts(store: PartitionStore) -> None:
    await store.commit([(b"lone", b"1"), (b"lone", None), (b"ltwo", None), (b"ltwo", b"2")])
    assert all_entries(store) == [(b"ltwo", b"2")]


async def test_commits_at_once_are_made_one_after_the_other(store: PartitionStore) -> None:
    await asyncio.gather(*(store.commit([(b"l%d" % number, b"value")]) for number in range(5)))
    assert all_entries(store) == [(b"l%d" % number, b"value") for number in range(5)]


@pytest.mark.parametrize(
    ("start", "stop", "limit", "found"),
    [
        (b"b", b"c", 10, ENTRIES),
        (b"", b"\xff", 10, ENTRIES),
        (b"b", b"c", 2, ENTRIES[:2]),
        (b"b", b"c", 0, []),
        (b"b\x02\x02", b"b\x03\x03", 10, ENTRIES[1:2]),
        (b"b\x02\x02\x00", b"b\x03\x03\x00", 10, ENTRIES[2:3]),
        (b"b\x01", b"b\xff", 10, ENTRIES[:4]),
        (b"b\xff\xff", b"c", 10, ENTRIES[4:]),
        (b"c", b"\xff", 10, []),
        (b"", b"b", 10, []),
        (b"b\x02\x02", b"b\x02\x02", 10, []),
        (b"c", b"b", 10, []),
    ],
)
async def test_a_scan_ascends_from_start_included_to_stop_excluded(
    store: PartitionStore,
    start: bytes,
    stop: bytes,
    limit: int,
    found: list[tuple[bytes, bytes]],
) -> None:
    await store.commit(ENTRIES[::-1])
    assert store.scan(start, stop, limit) == found


@pytest.mark.parametrize(("most", "found"), [(1, 1), (2, 2), (3, 3), (5, 4), (99, 5)])
async def test_a_scan_ends_with_the_entry_that_makes_it_large_enough(
    store: PartitionStore, most: int, found: int
) -> None:
    await store.commit(ENTRIES)
    assert store.scan(b"", b"\xff", 10, most) == ENTRIES[:found]


@pytest.mark.parametrize("key", [b"", b"\x00", b"\x00checkpoint"])
async def test_a_key_without_family_is_refused_and_nothing_is_changed(
    store: PartitionStore, key: bytes
) -> None:
    with pytest.raises(InvalidStateKeyError) as refused:
        await store.commit([(b"lname", b"value"), (key, b"value")])
    assert refused.value.key == key
    assert store.get(b"lname") is None
    await store.commit([(b"lname", b"value")])
    assert store.get(b"lname") == b"value"


async def test_the_next_owner_finds_the_durable_entries_and_what_follows_from_them(
    make: Make, store: PartitionStore
) -> None:
    await commit_up_to(store, 20)
    await store.close()
    for disk in ("disk", "empty"):
        owner = make(disk)
        await owner.open()
        assert all_entries(owner) == all_entries(state_after(20))
        assert state_digest(owner) == state_digest(state_after(20))
        await owner.close()


async def test_a_store_is_used_between_open_and_close(make: Make) -> None:
    store = make()
    with pytest.raises(StoreNotOpenError):
        store.get(b"lname")
    with pytest.raises(StoreNotOpenError):
        await store.commit([])
    await store.open()
    await store.close()
    with pytest.raises(StoreNotOpenError):
        store.scan(b"", b"\xff", 1)
    with pytest.raises(StoreNotOpenError):
        await store.commit([(b"lname", b"value")])
    await store.close()


async def test_a_new_owner_fences_the_former(make: Make, store: PartitionStore) -> None:
    await commit_up_to(store, 3)
    owner = make("elsewhere")
    await owner.open()
    with pytest.raises(FencedError) as fenced:
        await store.commit(nth_commit(store, 4))
    assert fenced.value.partition == 0
    for _ in range(2):
        with pytest.raises(FencedError):
            store.get(b"lposition")
        with pytest.raises(FencedError):
            await store.commit([])
        await store.close()
    await commit_up_to(owner, 5)
    assert all_entries(owner) == all_entries(state_after(5))


async def test_the_steps_of_a_commit_are_told_in_their_order(make: Make) -> None:
    steps: list[CommitStep] = []
    store = make(reached=steps.append)
    await store.open()
    await commit_up_to(store, 1)
    assert steps == list(CommitStep)
    steps.clear()
    await store.commit([(b"blocal", b"entry")])
    assert steps == [CommitStep.LOCAL_WRITTEN]


@pytest.mark.parametrize("broken_off_after", CommitStep, ids=lambda step: step.replace(" ", "_"))
async def test_a_commit_broken_off_is_made_as_a_whole_or_not_at_all(
    make: Make, broken_off_after: CommitStep
) -> None:
    def break_off(step: CommitStep) -> None:
        if step is broken_off_after and commits == 3:
            raise InterruptedError

    commits = 2
    store = make(reached=break_off)
    await store.open()
    await commit_up_to(store, commits)
    commits = 3
    with pytest.raises(StoreFailedError, match="InterruptedError"):
        await store.commit(nth_commit(store, 3))
    with pytest.raises(StoreFailedError):
        store.get(b"lposition")
    await store.close()
    owner = make()
    await owner.open()
    assert position(owner) == 2 + (broken_off_after in DURABLE_AFTER)
    assert all_entries(owner) == all_entries(state_after(position(owner)))


ROWS = st.lists(
    st.tuples(
        st.sampled_from([b"j1", b"j1\x00", b"j\xff", b"j", b"l", b"lposition"]),
        st.none() | st.binary(min_size=2, max_size=4),
    ),
    max_size=8,
)
REOPENED_ON = st.sampled_from([None, None, "disk", "other"])


@given(st.lists(st.tuples(ROWS, REOPENED_ON), max_size=6))
@settings(
    deadline=None,
    derandomize=True,
    max_examples=15,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
async def test_any_commits_and_reopenings_leave_what_the_model_says(
    make: Make, history: list[tuple[list[Change], str | None]]
) -> None:
    store = make()
    await store.open()
    model = Model()
    model.apply(all_entries(store))  # from the example before
    for rows, disk in history:
        changes: list[Change] = []
        for key, value in rows:
            change = put(model, key, value)
            model.apply(change)
            changes += change
        await store.commit(changes)
        if disk is not None:
            await store.close()
            store = make(disk)
            await store.open()
        assert all_entries(store) == all_entries(model)
        assert state_digest(store) == state_digest(model)
    await store.close()
