"""A log with a worker for the programs' jobs, and the worker's ledger."""

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster import SHORT, Cluster


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the handler writes what it got."""
    path = tmp_path_factory.mktemp("ledger") / "ledger.jsonl"
    path.touch()
    return path


@pytest.fixture(scope="module")
def cluster(
    tmp_path_factory: pytest.TempPathFactory, bootstrap_servers: str, ledger: Path
) -> Iterator[Cluster]:
    """A log with a scheduler and a worker; each program has jobs of its own in it."""
    environment = {**SHORT, "TEST_LEDGER": str(ledger)}
    directory, namespace = tmp_path_factory.mktemp("cluster"), f"t{secrets.token_hex(4)}"
    with Cluster(directory, bootstrap_servers, namespace, environment) as cluster:
        cluster.start("scheduler", "scheduler")
        cluster.start("worker", "worker", "tests.languages.handlers")
        yield cluster
