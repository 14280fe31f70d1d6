"""Recovery from changelogs that Kafka has compacted."""

from collections.abc import Awaitable, Callable

from joblog.streams.store import KafkaStore
from tests.kafka.store.model import all_entries, commit_up_to, position, put, state_after
from tests.kafka.store.place import Place, leave_state, until, wall_clock

AT_ONCE = {
    "min.cleanable.dirty.ratio": "0.01",
    "segment.ms": "50",
    "delete.retention.ms": "0",
}
"""Kafka compacts what lies in a closed segment, and forgets tombstones in the run after that."""

DAY_MS = 24 * 3_600_000


async def commit_until(store: KafkaStore, is_compacted: Callable[[], Awaitable[bool]]) -> None:
    """Go on with the model's commits: only a new record closes the segment before it."""

    async def is_compacted_now() -> bool:
        await commit_up_to(store, position(store) + 1)
        return await is_compacted()

    await until(is_compacted_now)


async def test_a_compacted_changelog_gives_the_same_state(unmade_place: Place) -> None:
    place = unmade_place
    await place.create(AT_ONCE)
    await leave_state(place, 5, disk="behind")
    owner = place.store(disk="owner")
    await owner.open()

    async def first_commits_are_gone() -> bool:
        return all([(await place.records(table))[0].offset > 20 for table in place.tables])

    await commit_until(owner, first_commits_are_gone)
    number = position(owner)
    await owner.close()
    recovered = place.store(disk="empty")
    await recovered.open()
    assert recovered.records_recovered < number * 4, "nothing was compacted"
    assert all_entries(recovered) == all_entries(state_after(number))
    await recovered.close()
    behind = place.store(disk="behind")
    await behind.open()
    assert behind.rebuilt, "it cannot know what it missed: its last record is gone"
    assert all_entries(behind) == all_entries(state_after(number))


async def test_a_row_whose_tombstone_is_forgotten_does_not_come_back(unmade_place: Place) -> None:
    place = unmade_place
    await place.create(AT_ONCE)
    behind = place.store(disk="behind")
    await behind.open()
    await behind.commit(
        [*put(behind, b"jdeleted", b"\x00\x01"), *put(behind, b"jlast", b"\x00\x01")]
    )
    await behind.close()
    owner = place.store(disk="owner")
    await owner.open()
    await owner.commit(put(owner, b"jdeleted", None))

    async def tombstone_is_gone() -> bool:
        records = await place.records(place.topics.table_jobs)
        return b"deleted" not in {record.key for record in records}

    await commit_until(owner, tombstone_is_gone)
    expected = all_entries(owner)
    await owner.close()
    kept = {record.key for record in await place.records(place.topics.table_jobs)}
    assert b"last" in kept, "the record that local state knows as its last is there"
    behind = place.store(disk="behind", now=wall_clock() + DAY_MS)
    await behind.open()
    assert behind.rebuilt
    assert all_entries(behind) == expected
