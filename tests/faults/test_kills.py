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
KILLS = 3


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
def test_a_worker_killed_in_the_middle_of_attempts_loses_nothing(
    cluster: Cluster, load: Load
) -> None:
    start(cluster)
    for _ in range(KILLS):
        load.submit(1, ("held",))
        [held] = load.submitted[-1:]
        load.submit(JOBS)
        cluster.until(partial(load.begun, held.job_id), "the attempt that does not end has begun")
        cluster.kill("worker")
        load.fault(FaultKind.WORKER_KILLED)
        cluster.start("worker", "worker", HANDLERS)
    load.until_finished()
    load.judge()
    assert load.reported("AttemptLost", "LeaseExpired") >= KILLS


@pytest.mark.timeout(400)
@pytest.mark.parametrize(
    ("name", "kind", "amid"),
    [
        ("scheduler", FaultKind.SCHEDULER_KILLED, Load.running),
        ("delays", FaultKind.DELAYS_KILLED, Load.retrying),
    ],
)
def test_a_killed_service_loses_nothing(
    cluster: Cluster, load: Load, name: str, kind: FaultKind, amid: Callable[[Load], int]
) -> None:
    start(cluster)
    for kills in range(1, KILLS + 1):
        load.submit(JOBS)
        cluster.until(partial(amid, load), "it is in the middle of something")
        cluster.kill(name)
        load.fault(kind)
        cluster.start(name, name)
        assert kills * JOBS == len(load.submitted)
    load.until_finished()
    load.judge()
    assert not load.reported("AttemptLost", "LeaseExpired")


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
