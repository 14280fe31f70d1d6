"""Clients without a Kafka."""

import pytest

from joblog import Settings
from joblog.client import announced, connection
from tests.unit.sdk.followers import FakeKafka


@pytest.fixture
def kafka(monkeypatch: pytest.MonkeyPatch) -> FakeKafka:
    """Stands in for Kafka, for clients that ask and do not submit."""
    kafka = FakeKafka()
    monkeypatch.setattr(connection, "check_topics", _topics_are_there)
    monkeypatch.setattr(announced, "Follower", kafka.follow)
    return kafka


async def _topics_are_there(_settings: Settings) -> None:
    pass
