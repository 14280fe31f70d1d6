"""A real registry for the session; each test has schemas of its own in it."""

from collections.abc import AsyncIterator, Iterator

import pytest

from joblog.streams.registry import SchemaRegistry
from joblog.streams.settings import RegistrySettings
from tests.kafka.registry.apicurio import apicurio


@pytest.fixture(scope="session")
def registry_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the session's registry is. A test relies on no subject that it did not make."""
    with apicurio(tmp_path_factory.mktemp("apicurio")) as url:
        yield url


@pytest.fixture
async def registry(registry_url: str) -> AsyncIterator[SchemaRegistry]:
    """The registry."""
    async with SchemaRegistry(RegistrySettings(url=registry_url)) as registry:
        yield registry
