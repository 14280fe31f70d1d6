import os

import pytest

from joblog.streams.settings import Settings


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith("JOBLOG_"):
            monkeypatch.delenv(name)


@pytest.fixture
def settings(bootstrap_servers: str, namespace: str) -> Settings:
    """Settings of a log of its own, with two partitions."""
    return Settings(bootstrap_servers=bootstrap_servers, namespace=namespace, partitions=2)
