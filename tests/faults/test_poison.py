"""A flood of poison stops its partition, loudly; others go on, and nothing is lost once it may go on too."""

import asyncio
import json
import signal
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer

from joblog.streams.topics import TopicMap
from tests.cluster import Cluster
from tests.faults.load import Load

RUN = 20
FLOOD = 3 * RUN
JOBS = 40


@pytest.mark.timeout(300)
def test_a_partition_stops_at_a_flood_of_poison_and_goes_on_when_it_may(
    cluster: Cluster, load: Load
) -> None:
    cluster.environment["JOBLOG_SCHEDULER__POISON_RUN"] = str(RUN)
    cluster.start("scheduler", "scheduler")
    cluster.start("delays", "delays")
    cluster.start("worker", "worker", "tests.faults.handlers")
    load.submit(1, ("quick",))
    load.until_finished()
    asyncio.run(flood(cluster, 0))
    cluster.until(lambda: stopped(cluster).get(0), "the partition stops")
    assert f"{RUN} records in a row are poison" in stopped(cluster)[0]
    assert {number for number, reason in stopped(cluster).items() if reason} == {0}
    load.submit(JOBS, ("quick",))
    elsewhere = sum(job.partition != 0 for job in load.submitted)
    assert elsewhere < len(load.submitted)
    cluster.until(lambda: load.finished() >= elsewhere, "jobs of other partitions end")
    assert "partition 0 has stopped after offset" in cluster.log_path("scheduler").read_text()
    cluster.signal("scheduler", signal.SIGTERM)
    assert cluster.wait("scheduler") == 0
    cluster.environment["JOBLOG_SCHEDULER__POISON_RUN"] = "off"
    cluster.start("scheduler", "scheduler")
    load.until_finished()
    history = load.judge()
    assert len(history.dead_letters) == FLOOD


async def flood(cluster: Cluster, partition: int) -> None:
    topic = TopicMap.of(cluster.settings).events.name
    async with AIOKafkaProducer(bootstrap_servers=cluster.settings.servers) as producer:
        for number in range(FLOOD):
            await producer.send_and_wait(topic, b"poison %d" % number, partition=partition)


def stopped(cluster: Cluster) -> dict[int, Any]:
    """Return why each partition has stopped, by number."""
    found = json.loads(cluster.run("status", "--json"))
    return {one["partition"]: (one["depth"] or {}).get("stopped") for one in found["partitions"]}
