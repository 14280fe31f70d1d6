"""SIGKILL of each process in mid-run: nothing is lost, and each job has one outcome."""

from functools import partial

import pytest

from tests.cluster import Cluster
from tests.faults.load import Load
from tests.history.faults import FaultKind

HANDLERS = "tests.faults.handlers"
JOBS = 400


def start(cluster: Cluster) -> None:
    cluster.start("scheduler", "scheduler")
    cluster.start("delays", "delays")
    cluster.start("worker", "worker", HANDLERS)


def more_than(done: int, load: Load) -> bool:
    return load.finished() > done


@pytest.mark.timeout(400)
def test_a_run_without_faults_is_sound(cluster: Cluster, load: Load) -> None:
    start(cluster)
    load.submit(JOBS)
    load.until_finished()
    load.judge()


@pytest.mark.timeout(400)
@pytest.mark.parametrize(
    ("name", "arguments", "kind"),
    [
        ("worker", ("worker", HANDLERS), FaultKind.WORKER_KILLED),
        ("scheduler", ("scheduler",), FaultKind.SCHEDULER_KILLED),
        ("delays", ("delays",), FaultKind.DELAYS_KILLED),
    ],
)
def test_a_killed_process_loses_nothing(
    cluster: Cluster, load: Load, name: str, arguments: tuple[str, ...], kind: FaultKind
) -> None:
    start(cluster)
    for kills in range(1, 4):
        load.submit(JOBS)
        cluster.until(partial(more_than, load.finished(), load), "jobs are running")
        cluster.kill(name)
        load.fault(kind)
        cluster.start(name, *arguments)
        assert kills * JOBS == len(load.submitted)
    load.until_finished()
    load.judge()
