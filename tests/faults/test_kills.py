"""SIGKILL of each process in mid-run, and SIGSTOP of a worker: nothing is lost, and each job has one outcome."""

import signal
from collections.abc import Callable
from functools import partial

import pytest

from tests.cluster import Cluster
from tests.faults.load import Load
from tests.history.faults import FaultKind
from tests.history.ledger import wall_clock

HANDLERS = "tests.faults.handlers"
JOBS = 400


def start(cluster: Cluster) -> None:
    cluster.start("scheduler", "scheduler")
    cluster.start("delays", "delays")
    cluster.start("worker", "worker", HANDLERS)


@pytest.mark.timeout(400)
def test_a_run_without_faults_is_sound(cluster: Cluster, load: Load) -> None:
    start(cluster)
    load.submit(JOBS)
    load.until_finished()
    load.judge()


@pytest.mark.timeout(400)
@pytest.mark.parametrize(
    ("name", "arguments", "kind", "amid"),
    [
        ("worker", ("worker", HANDLERS), FaultKind.WORKER_KILLED, Load.running),
        ("scheduler", ("scheduler",), FaultKind.SCHEDULER_KILLED, Load.running),
        ("delays", ("delays",), FaultKind.DELAYS_KILLED, Load.retrying),
    ],
)
def test_a_killed_process_loses_nothing(  # noqa: PLR0913, PLR0917 - two fixtures, four parameters
    cluster: Cluster,
    load: Load,
    name: str,
    arguments: tuple[str, ...],
    kind: FaultKind,
    amid: Callable[[Load], int],
) -> None:
    start(cluster)
    for kills in range(1, 4):
        load.submit(JOBS)
        cluster.until(partial(amid, load), "it is in the middle of something")
        cluster.kill(name)
        load.fault(kind)
        cluster.start(name, *arguments)
        assert kills * JOBS == len(load.submitted)
    load.until_finished()
    load.judge()
    lost = load.reported("AttemptLost", "LeaseExpired")
    assert bool(lost) == (kind == FaultKind.WORKER_KILLED)


@pytest.mark.timeout(400)
def test_a_worker_that_is_stopped_beyond_its_session_and_wakes_up_harms_nothing(
    cluster: Cluster, load: Load
) -> None:
    start(cluster)
    load.submit(JOBS)
    cluster.until(load.running, "attempts are running")
    cluster.signal("worker", signal.SIGSTOP)
    stopped = wall_clock()
    cluster.start("another", "worker", HANDLERS)
    cluster.until(partial(load.reported, "AttemptLost", "LeaseExpired"), "its work is taken over")
    load.submit(JOBS)
    load.until_finished()
    cluster.signal("worker", signal.SIGCONT)
    load.fault(FaultKind.WORKER_STOPPED, stopped)
    load.submit(JOBS)
    load.until_finished()
    load.judge()
