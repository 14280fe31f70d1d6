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
    begin = wall_clock()
    cluster.start("scheduler", "scheduler")
    cluster.start("delays", "delays")
    cluster.start("worker", "worker", "tests.faults.handlers")
    types = tuple("deadly" if number == JOBS // 2 else "innocent" for number in range(JOBS))
    load.submit(JOBS, types)
    restarts = 0

    def finished() -> bool:
        nonlocal restarts
        if not cluster.alive("worker"):
            restarts += 1
            cluster.start("worker", "worker", "tests.faults.handlers")
        return load.finished() == JOBS

    cluster.until(finished, "all jobs end", 300)
    load.fault(FaultKind.WORKER_KILLED, begin)
    load.judge()
    assert restarts >= 1
    assert Counter(load.statuses()) == {
        ("innocent", "succeeded"): JOBS - 1,
        ("deadly", "dead_lettered"): 1,
    }
