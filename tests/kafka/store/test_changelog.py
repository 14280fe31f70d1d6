"""Changelogs that were deleted, made again or cut, and records that Kafka refuses."""

import pytest

from joblog.streams.errors import KafkaUnavailableError, TopicMissingError
from joblog.streams.store import ChangelogTruncatedError, StoreFailedError
from tests.kafka.store.model import all_entries, commit_up_to, nth_commit, state_after
from tests.kafka.store.place import Place, leave_state


async def test_a_missing_changelog_is_named_and_may_be_made_then(unmade_place: Place) -> None:
    store = unmade_place.store()
    with pytest.raises(TopicMissingError) as missing:
        await store.open()
    assert missing.value.topic == unmade_place.topics.table_jobs.name
    await unmade_place.create()
    await store.open()
    await commit_up_to(store, 1)


async def test_a_broker_that_is_not_there_is_named(unmade_place: Place) -> None:
    unmade_place.bootstrap_servers = "127.0.0.1:1"
    with pytest.raises(KafkaUnavailableError) as unavailable:
        await unmade_place.store().open()
    assert unavailable.value.bootstrap_servers == "127.0.0.1:1"


@pytest.mark.parametrize("commits_since", [0, 1, 30], ids=["empty", "shorter", "longer"])
async def test_local_state_of_a_changelog_that_was_made_again_is_rebuilt(
    place: Place, commits_since: int, caplog: pytest.LogCaptureFixture
) -> None:
    await leave_state(place, 10)
    await place.delete()
    await place.create()
    await leave_state(place, commits_since, disk="elsewhere")
    store = place.store()
    await store.open()
    assert store.rebuilt
    assert all_entries(store) == all_entries(state_after(commits_since))
    assert str(place.directory()) in caplog.text
    await store.close()


async def test_local_state_whose_last_offset_is_now_a_marker_is_rebuilt(place: Place) -> None:
    store = place.store()
    await store.open()
    await store.commit([(b"lfirst", b"value")])
    await store.commit([(b"lsecond", b"value")])  # offset 2, after a record and a marker
    await store.close()
    await place.delete()
    await place.create()
    other = place.store(disk="elsewhere")
    await other.open()
    await other.commit([(b"lone", b"value"), (b"ltwo", b"value")])  # offset 2 is their marker
    await other.close()
    store = place.store()
    await store.open()
    assert store.rebuilt
    assert [key for key, _ in all_entries(store)] == [b"lone", b"ltwo"]


async def test_a_changelog_made_again_under_its_owner_ends_it(place: Place) -> None:
    """Its rows are gone, so nothing may be added as if they were there."""
    store = place.store()
    await store.open()
    await commit_up_to(store, 10)
    await place.delete()
    await place.create()
    with pytest.raises(StoreFailedError, match="made again"):
        await store.commit(nth_commit(store, 11))
    with pytest.raises(StoreFailedError):
        await store.commit(nth_commit(state_after(10), 11))
    await store.close()
    store = place.store(disk="elsewhere")
    await store.open()
    assert all_entries(store) == []
    await store.close()


async def test_a_changelog_that_lost_its_beginning_is_refused(unmade_place: Place) -> None:
    place = unmade_place
    await place.create({"cleanup.policy": "compact,delete"})
    await leave_state(place, 10)
    await place.delete_records(place.topics.table_log, before=4)
    for disk in ("disk", "elsewhere"):
        with pytest.raises(ChangelogTruncatedError) as truncated:
            await place.store(disk=disk).open()
        assert truncated.value.earliest == 4


async def test_a_row_that_kafka_refuses_ends_the_owner_and_changes_nothing(place: Place) -> None:
    store = place.store()
    await store.open()
    await commit_up_to(store, 3)
    too_large = bytes(place.topics.table_jobs.max_message_bytes)
    with pytest.raises(StoreFailedError, match="TooLarge"):
        await store.commit([*nth_commit(store, 4), (b"jlarge", too_large)])
    with pytest.raises(StoreFailedError):
        store.get(b"lposition")
    await store.close()
    for disk in ("disk", "elsewhere"):
        store = place.store(disk=disk)
        await store.open()
        assert all_entries(store) == all_entries(state_after(3))
        await store.close()
