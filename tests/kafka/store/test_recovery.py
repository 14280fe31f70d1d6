"""What an owner finds when it opens a partition."""

from dataclasses import replace

import pytest

from joblog.streams.store import StateDirectoryInUseError, state_digest
from tests.kafka.store.model import (
    DERIVATION,
    all_entries,
    commit_up_to,
    nth_commit,
    position,
    put,
    state_after,
)
from tests.kafka.store.place import Place, leave_state

HOUR_MS = 3_600_000


async def test_an_empty_changelog_gives_an_empty_state(place: Place) -> None:
    store = place.store()
    await store.open()
    assert all_entries(store) == []
    assert store.rebuilt
    await store.close()


async def test_an_empty_disk_is_filled_from_the_changelog(place: Place) -> None:
    await leave_state(place, 40)
    store = place.store(disk="elsewhere")
    await store.open()
    assert store.rebuilt
    assert store.records_recovered >= 40
    assert all_entries(store) == all_entries(state_after(40))
    assert state_digest(store) == state_digest(state_after(40))
    await store.close()


async def test_local_state_reads_nothing_that_it_has(place: Place) -> None:
    await leave_state(place, 10)
    store = place.store()
    await store.open()
    assert (store.rebuilt, store.records_recovered) == (False, 0)
    assert all_entries(store) == all_entries(state_after(10))
    await store.close()


async def test_local_state_reads_only_what_came_after_it(place: Place) -> None:
    await leave_state(place, 10)
    await leave_state(place, 13, disk="elsewhere")
    store = place.store()
    await store.open()
    durable = [
        key
        for n in (11, 12, 13)
        for key, _ in nth_commit(state_after(n - 1), n)
        if key[:1] in b"jl"
    ]
    assert (store.rebuilt, store.records_recovered) == (False, len(durable))
    assert all_entries(store) == all_entries(state_after(13))
    await store.close()


async def test_local_entries_that_a_newer_row_shares_with_the_older_are_kept(place: Place) -> None:
    behind = place.store(disk="behind")
    await behind.open()
    await behind.commit(put(behind, b"jid", b"\x00\x02older"))
    await behind.close()
    owner = place.store()
    await owner.open()
    await owner.commit(put(owner, b"jid", b"\x00\x02newer"))
    expected = all_entries(owner)
    await owner.close()
    behind = place.store(disk="behind")
    await behind.open()
    assert not behind.rebuilt
    assert all_entries(behind) == expected
    assert len(expected) == 3


async def test_what_a_recovery_brought_is_not_read_again(place: Place) -> None:
    await leave_state(place, 10)
    await leave_state(place, 10, disk="elsewhere")
    store = place.store(disk="elsewhere")
    await store.open()
    assert (store.rebuilt, store.records_recovered) == (False, 0)
    await store.close()


async def test_the_tables_of_partitions_are_separate(place: Place) -> None:
    stores = [place.store(partition) for partition in range(3)]
    for number, store in enumerate(stores):
        await store.open()
        await commit_up_to(store, number)
    assert [position(store) for store in stores] == [0, 1, 2]
    for store in stores:
        await store.close()


async def test_deleted_rows_stay_deleted(place: Place) -> None:
    store = place.store()
    await store.open()
    await store.commit(put(store, b"jgone", b"\x00\x02x"))
    await store.commit(put(store, b"jgone", None))
    await store.close()
    for disk in ("disk", "elsewhere"):
        store = place.store(disk=disk)
        await store.open()
        assert all_entries(store) == []
        await store.close()


async def test_large_rows_and_commits_of_many_batches(place: Place) -> None:
    large = {b"jlarge": b"\x00\x01" + bytes(2_000_000)}
    many = {b"jmany-%06d" % n: b"\x00\x01" + bytes(300) for n in range(5_000)}
    store = place.store()
    await store.open()
    await store.commit([*large.items(), *many.items()])
    expected = state_digest(store)
    await store.close()
    store = place.store(disk="elsewhere")
    await store.open()
    assert store.records_recovered == 5_001
    assert store.get(b"jlarge") == large[b"jlarge"]
    assert state_digest(store) == expected
    await store.close()


async def test_rows_and_offsets_of_a_commit_that_writes_one_topic(place: Place) -> None:
    store = place.store()
    await store.open()
    await store.commit([(b"lposition", b"1")])
    await store.close()
    store = place.store()
    await store.open()
    assert (store.rebuilt, store.records_recovered) == (False, 0)
    await store.commit(put(store, b"jfirst", b"\x00\x01"))
    await store.close()
    store = place.store()
    await store.open()
    assert (store.rebuilt, store.records_recovered) == (False, 0)
    assert store.get(b"jfirst") == b"\x00\x01"
    await store.close()


async def test_state_older_than_tombstones_is_rebuilt(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    store = place.store(now=0)
    await store.open()
    await store.commit(nth_commit(store, 1))
    await store.close()
    for age, rebuilt in ((11 * HOUR_MS, False), (24 * HOUR_MS, True)):
        store = place.store(now=age)
        await store.open()
        assert store.rebuilt is rebuilt
        assert all_entries(store) == all_entries(state_after(1))
        await store.close()
    assert "tombstones" in caplog.text


async def test_state_from_the_future_is_rebuilt(place: Place) -> None:
    store = place.store(now=100 * HOUR_MS)
    await store.open()
    await store.close()
    store = place.store(now=0)
    await store.open()
    assert store.rebuilt
    await store.close()


async def test_local_entries_of_another_version_are_rebuilt(place: Place) -> None:
    await leave_state(place, 5)
    store = place.store(derivation=DERIVATION._replace(version="2", derive=lambda *_: ()))
    await store.open()
    assert store.rebuilt
    assert {key[:1] for key, _ in all_entries(store)} == {b"j", b"l"}
    await store.close()


async def test_state_of_another_log_is_rebuilt(place: Place, namespace: str) -> None:
    await leave_state(place, 5)
    other = replace(place, namespace=f"{namespace}other")
    await other.create()
    store = other.store()
    await store.open()
    assert store.rebuilt
    assert all_entries(store) == []
    await store.close()


async def test_a_local_copy_belongs_to_one_process(place: Place) -> None:
    first = place.store()
    await first.open()
    with pytest.raises(StateDirectoryInUseError) as refused:
        await place.store().open()
    assert refused.value.directory == place.directory()
    await commit_up_to(first, 1)
    await first.close()
