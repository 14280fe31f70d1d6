"""A handler that kills its process, among innocents that have one attempt each."""

from collections import Counter

import pytest

from tests.cluster import Cluster
from tests.faults.load import Load
from tests.history.faults import FaultKind
from tests.history.ledger import wall_clock

JOBS = 1_000


@pytest.mark.timeout(400)
def test_a_deadly_job_is_dead_lettered_and_harms_no_other(cluster: Cluster, load: Load) -> None:
    cluster.start("scheduler", "scheduler")
    cluster.start("delays", "delays")
    cluster.start("worker", "worker", "tests.faults.handlers")
    types = tuple("deadly" if number == JOBS // 2 else "innocent" for number in range(JOBS))
    load.submit(JOBS, types)
    restarts, alive_at = 0, wall_clock()

    def finished() -> bool:
        nonlocal restarts, alive_at
        if not cluster.alive("worker"):
            restarts += 1
            load.fault(FaultKind.WORKER_KILLED, alive_at)
            cluster.start("worker", "worker", "tests.faults.handlers")
        alive_at = wall_clock()
        return load.finished() == JOBS

    cluster.until(finished, "all jobs end", 300)
    load.judge()
    assert restarts >= 1
    assert Counter(load.statuses()) == {
        ("innocent", "succeeded"): JOBS - 1,
        ("deadly", "dead_lettered"): 1,
    }
