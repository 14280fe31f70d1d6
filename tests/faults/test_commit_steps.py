"""SIGKILL of a scheduler at each step of invariant 2, and the partitions move to an empty disk."""

import sys
from functools import partial

import pytest

from joblog.streams.store import CommitStep
from tests.cluster import Cluster
from tests.faults.load import Load
from tests.history.faults import FaultKind

KILLS = 24
JOBS = 60


def has_ended(cluster: Cluster, name: str) -> bool:
    return not cluster.alive(name)


@pytest.mark.timeout(400)
def test_a_scheduler_killed_at_any_step_of_a_commit_loses_nothing(
    cluster: Cluster, load: Load
) -> None:
    cluster.start("delays", "delays")
    cluster.start("worker", "worker", "tests.faults.handlers")
    steps = list(CommitStep)
    for number in range(KILLS):
        name = f"scheduler-{number}"
        step, commits = steps[number % len(steps)], number // len(steps) % 5 + 2
        crashing = (sys.executable, "-m", "tests.faults.crashing_scheduler", step, str(commits))
        cluster.start(name, command=crashing)
        load.submit(JOBS)
        cluster.until(partial(has_ended, cluster, name), f"{name} dies at {step}")
        load.fault(FaultKind.SCHEDULER_KILLED)
    cluster.start("scheduler", "scheduler")
    load.until_finished()
    load.judge()
