"""Clients without a Kafka."""

import pytest

from joblog.client import announced
from tests.unit.sdk.followers import FakeKafka


@pytest.fixture
def kafka(monkeypatch: pytest.MonkeyPatch) -> FakeKafka:
    """Stands in for Kafka, for those who follow announcements."""
    kafka = FakeKafka()
    monkeypatch.setattr(announced, "Follower", kafka.follow)
    return kafka
