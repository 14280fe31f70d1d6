"""A log with a worker for jobs of producers in other languages, or behind a schema registry."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.cluster import SHORT, Cluster


@contextmanager
def log_with_worker(
    directory: Path, bootstrap_servers: str, ledger: Path, **environment: str
) -> Iterator[Cluster]:
    """Run a scheduler and a worker on a log of their own; the handlers write what they get into the ledger."""
    variables = {**SHORT, "TEST_LEDGER": str(ledger), **environment}
    namespace = f"t{secrets.token_hex(4)}"
    with Cluster(directory, bootstrap_servers, namespace, variables) as cluster:
        cluster.start("scheduler", "scheduler")
        cluster.start("worker", "worker", "tests.languages.handlers")
        yield cluster
