"""The events topic is deleted, or made anew: every process ends, says why, and stays so."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from joblog.streams.broker import EmbeddedBroker
from joblog.streams.topics import TopicMap
from tests.cluster import SHORT, Cluster
from tests.faults.deleting import create, delete
from tests.faults.load import Load

SECONDS = 20
"""Most that a process has to notice it and to end."""

OF_A_SCHEDULER = "the process ends: "
"""It may notice by its partitions that are gone, before it looks which topic there is."""

PROCESSES = {
    "scheduler": ("scheduler",),
    "delays": ("delays",),
    "bridge": ("bridge",),
    "worker": ("worker", "tests.faults.handlers"),
}


@pytest.fixture
def cluster(
    tmp_path: Path, broker: EmbeddedBroker, namespace: str, ledger: Path
) -> Iterator[Cluster]:
    """A namespace with its topics and a bridge, whose registry nobody needs here."""
    environment = {
        **SHORT,
        "TEST_LEDGER": str(ledger),
        "JOBLOG_REGISTRY__URL": "http://127.0.0.1:9",
    }
    with Cluster(tmp_path, broker.bootstrap_servers, namespace, environment) as cluster:
        yield cluster


def ended_for_it(cluster: Cluster, name: str) -> bool:
    code = cluster.wait(name, SECONDS)
    said = cluster.log_path(name).read_text()
    return code == 1 and ("is gone with it" in said or OF_A_SCHEDULER in said)


def was_refused(cluster: Cluster, name: str) -> bool:
    code = cluster.wait(name, SECONDS)
    *_, last = cluster.log_path(name).read_text().splitlines()
    return code == 1 and "is gone with it" in last


@pytest.mark.timeout(200)
@pytest.mark.parametrize("made_anew", [False, True])
def test_every_process_ends_and_none_starts_again(
    cluster: Cluster, load: Load, *, made_anew: bool
) -> None:
    for name, arguments in PROCESSES.items():
        cluster.start(name, *arguments)
    load.submit(5, ("quick",))
    load.until_finished()
    events = TopicMap.of(cluster.settings).events
    asyncio.run(delete(cluster.settings, events))
    if made_anew:
        asyncio.run(create(cluster.settings, events))
    assert [name for name in PROCESSES if not ended_for_it(cluster, name)] == []
    if not made_anew:
        cluster.start("create", "topics", "create")
        assert was_refused(cluster, "create")
        asyncio.run(create(cluster.settings, events))
    for name, arguments in PROCESSES.items():
        cluster.start(name, *arguments)
    assert [name for name in PROCESSES if not was_refused(cluster, name)] == []
