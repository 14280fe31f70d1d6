from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import RecordsToDelete
from aiokafka.errors import KafkaError, LeaderNotAvailableError, TopicAuthorizationFailedError

from joblog.streams.errors import KafkaUnavailableError
from joblog.streams.kafka import purge
from joblog.streams.kafka.purge import Purge
from joblog.streams.kafka.topic_metadata import TopicMetadata
from joblog.streams.settings import Settings

NOW, SECOND = TopicPartition("t.delay.now", 0), TopicPartition("t.delay.1s", 1)
GONE = TopicPartition("t.delay.10s", 0)
METADATA = TopicMetadata(UUID(int=1), 2, has_leaders=True, copies=1, in_sync=1, operations=None)
ID = str(METADATA.topic_id)


class Admin:
    """Notes what it is to delete, or fails."""

    def __init__(self) -> None:
        self.error: KafkaError | None = None
        self.deleted: list[dict[TopicPartition, int]] = []

    async def delete_records(self, records: dict[TopicPartition, RecordsToDelete]) -> None:
        if self.error is not None:
            raise KafkaUnavailableError("127.0.0.1:9092", "no") from self.error
        self.deleted.append({at: record.before_offset for at, record in records.items()})


@pytest.fixture
def admin(monkeypatch: pytest.MonkeyPatch) -> Admin:
    admin = Admin()

    @asynccontextmanager
    async def connected(_: Settings) -> AsyncIterator[Admin]:
        yield admin

    async def found(_: Admin, names: list[str]) -> dict[str, TopicMetadata]:
        return {name: METADATA for name in names if name != GONE.topic}

    monkeypatch.setattr(purge, "connected_admin", connected)
    monkeypatch.setattr(purge, "topic_metadata", found)
    return admin


@pytest.fixture
def purging() -> Purge:
    return Purge(Settings(namespace="t"))


async def test_what_was_committed_is_deleted_once(admin: Admin, purging: Purge) -> None:
    await purging.delete_done()
    purging.committed(NOW, 5, ID)
    purging.committed(SECOND, 7, ID)
    purging.committed(NOW, 6, ID)
    await purging.delete_done()
    await purging.delete_done()
    assert admin.deleted == [{NOW: 6, SECOND: 7}]


async def test_what_fails_for_a_time_is_left_to_the_next_purge(
    admin: Admin, purging: Purge, caplog: pytest.LogCaptureFixture
) -> None:
    purging.committed(NOW, 5, ID)
    admin.error = LeaderNotAvailableError()
    await purging.delete_done()
    assert "until the next purge" in caplog.text
    admin.error = None
    await purging.delete_done()
    assert admin.deleted == [{NOW: 5}]


async def test_nothing_is_deleted_of_a_topic_that_was_made_anew_since(
    admin: Admin, purging: Purge
) -> None:
    purging.committed(NOW, 5, str(UUID(int=2)))
    purging.committed(GONE, 5, ID)
    await purging.delete_done()
    assert admin.deleted == []
    purging.committed(NOW, 3, ID)
    await purging.delete_done()
    assert admin.deleted == [{NOW: 3}]


async def test_what_fails_for_good_is_raised(admin: Admin, purging: Purge) -> None:
    purging.committed(NOW, 5, ID)
    admin.error = TopicAuthorizationFailedError()
    with pytest.raises(KafkaUnavailableError):
        await purging.delete_done()
