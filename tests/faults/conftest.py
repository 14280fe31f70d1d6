"""A cluster with short sessions, and the handlers' ledger."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from joblog.streams.broker import EmbeddedBroker
from tests.cluster import SHORT, Cluster
from tests.faults.load import Load


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    """Where the handlers write what they did."""
    path = tmp_path / "ledger.jsonl"
    path.touch()
    return path


@pytest.fixture
def cluster(
    tmp_path: Path, broker: EmbeddedBroker, namespace: str, ledger: Path
) -> Iterator[Cluster]:
    """A namespace with its topics; a test starts the processes."""
    environment = {**SHORT, "TEST_LEDGER": str(ledger)}
    with Cluster(tmp_path, broker.bootstrap_servers, namespace, environment) as cluster:
        yield cluster


@pytest.fixture
def load(cluster: Cluster, ledger: Path) -> Load:
    """Jobs for the cluster."""
    return Load(cluster, ledger)
