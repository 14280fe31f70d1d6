import pytest

from joblog.streams.settings import Settings


@pytest.fixture
def settings(bootstrap_servers: str, namespace: str) -> Settings:
    """Settings of a log of its own, with two partitions."""
    return Settings(bootstrap_servers=bootstrap_servers, namespace=namespace, partitions=2)
