"""A log with a worker for the programs' jobs, and the worker's ledger."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster import Cluster
from tests.languages.log import log_with_worker


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
    directory = tmp_path_factory.mktemp("cluster")
    with log_with_worker(directory, bootstrap_servers, ledger) as cluster:
        yield cluster
