"""One cluster for all tests of a module, and a log with its services."""

from collections.abc import Iterator

import pytest

from tests.kafka.secured.cluster import SecuredCluster
from tests.kafka.secured.log import SecuredLog
from tests.kafka.secured.registry import running_registry


@pytest.fixture(scope="module")
def brokers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecuredCluster]:
    """Three brokers that know who logs in. A test that ends one starts it again."""
    with SecuredCluster(tmp_path_factory.mktemp("secured")).running() as cluster:
        yield cluster


@pytest.fixture(scope="module")
def registry_url() -> Iterator[str]:
    """Where what stands in for a schema registry answers."""
    with running_registry() as url:
        yield url


@pytest.fixture(scope="module")
def log(
    brokers: SecuredCluster, registry_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SecuredLog]:
    """A log whose scheduler, delay service, worker and bridge run."""
    with SecuredLog(tmp_path_factory.mktemp("log"), brokers, "joblog", registry_url) as log:
        log.start_services()
        yield log
