from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import RecordsToDelete
from aiokafka.errors import KafkaError, LeaderNotAvailableError, TopicAuthorizationFailedError

from joblog.lifecycle.delays import TIERS
from joblog.processors.delays import purge
from joblog.processors.delays.purge import Purge
from joblog.streams.errors import KafkaUnavailableError
from joblog.streams.settings import Settings

NOW, SECOND = TIERS[:2]


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

    monkeypatch.setattr(purge, "connected_admin", connected)
    return admin


@pytest.fixture
def purging() -> Purge:
    return Purge(Settings(namespace="t"))


async def test_what_was_committed_is_deleted_once(admin: Admin, purging: Purge) -> None:
    await purging.run()
    purging.committed({(NOW, 0): 5, (SECOND, 1): 7})
    purging.committed({(NOW, 0): 6})
    await purging.run()
    await purging.run()
    assert admin.deleted == [
        {TopicPartition("t.delay.now", 0): 6, TopicPartition("t.delay.1s", 1): 7}
    ]


async def test_what_fails_for_a_time_is_left_to_the_next_purge(
    admin: Admin, purging: Purge, caplog: pytest.LogCaptureFixture
) -> None:
    purging.committed({(NOW, 0): 5})
    admin.error = LeaderNotAvailableError()
    await purging.run()
    assert "until the next purge" in caplog.text
    admin.error = None
    await purging.run()
    assert admin.deleted == [{TopicPartition("t.delay.now", 0): 5}]


async def test_what_fails_for_good_is_raised(admin: Admin, purging: Purge) -> None:
    purging.committed({(NOW, 0): 5})
    admin.error = TopicAuthorizationFailedError()
    with pytest.raises(KafkaUnavailableError):
        await purging.run()
