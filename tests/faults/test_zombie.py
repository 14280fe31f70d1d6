"""A scheduler that is stopped in a commit, replaced, and wakes up: it is fenced and overwrites nothing."""

import asyncio
import os
import re
import signal
import sys
from collections import Counter
from functools import partial

import pytest
from aiokafka import TopicPartition
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from joblog.streams.faust_app.fail_stop import EXIT_FAILURE
from joblog.streams.kafka import connected_admin
from joblog.streams.kafka.log_reader import LogReader
from joblog.streams.store import CommitStep
from joblog.streams.topics import TopicMap
from tests.cluster import Cluster
from tests.faults.load import Load
from tests.history.faults import FaultKind
from tests.history.ledger import wall_clock

AT_ONCE = {"min.cleanable.dirty.ratio": "0.01", "segment.ms": "50", "max.compaction.lag.ms": "50"}
JOBS = 300
COMMITS = "20"
"""Enough for jobs to run by then."""

FENCED = re.compile(r"failed, the process ends: partition \d+ has a newer owner")


@pytest.mark.timeout(300)
def test_a_scheduler_that_wakes_up_after_its_takeover_overwrites_nothing(
    cluster: Cluster, load: Load
) -> None:
    asyncio.run(compact_at_once(cluster))
    crashing = (sys.executable, "-m", "tests.faults.crashing_scheduler")
    first = cluster.start(
        "first", command=(*crashing, CommitStep.RECORDS_SENT, COMMITS, signal.SIGSTOP.name)
    )
    cluster.start("second", "scheduler")
    cluster.start("delays", "delays")
    cluster.start("worker", "worker", "tests.faults.handlers")
    load.submit(JOBS)
    cluster.until(partial(is_stopped, first.pid, load), "the first is stopped in a commit")
    stopped = wall_clock()
    load.submit(JOBS)
    load.until_finished()
    cluster.signal("first", signal.SIGCONT)
    load.fault(FaultKind.SCHEDULER_STOPPED, stopped)
    assert cluster.wait("first") == EXIT_FAILURE
    assert FENCED.search(cluster.log_path("first").read_text())
    load.submit(JOBS)
    load.until_finished()
    cluster.until(lambda: more_is_compacted(cluster, load), "the tables are compacted")
    cluster.kill("second")
    load.fault(FaultKind.SCHEDULER_KILLED)
    cluster.start("on an empty disk", "scheduler")
    load.submit(JOBS)
    load.until_finished()
    load.judge()


def is_stopped(pid: int, load: Load) -> bool:
    """Submit jobs, since only changes are committed, and look whether the process has stopped itself."""
    load.submit(8)
    return os.waitid(os.P_PID, pid, os.WSTOPPED | os.WNOHANG | os.WNOWAIT) is not None


def more_is_compacted(cluster: Cluster, load: Load) -> bool:
    """Submit jobs, since only a new record closes a segment, and look whether old ones are gone."""
    load.submit(8)
    return asyncio.run(most_positions_are_gone(cluster))


async def most_positions_are_gone(cluster: Cluster) -> bool:
    """Each commit writes a position and a marker: without compaction half of the offsets have a record."""
    table = TopicMap.of(cluster.settings).table_log
    starts = {TopicPartition(table.name, number): 0 for number in range(table.partitions)}
    kept = Counter[int]()
    async with LogReader(cluster.settings) as reader:
        async for records in reader.read(starts):
            kept.update(record.partition for record in records)
        ends = await reader.ends(starts)
    return all(4 * kept[part.partition] < end for part, end in ends.items())


async def compact_at_once(cluster: Cluster) -> None:
    topics = TopicMap.of(cluster.settings)
    async with connected_admin(cluster.settings) as admin:
        for topic in (topics.table_jobs, topics.table_log):
            config = {**topic.config, **AT_ONCE}
            await admin.alter_configs(
                [ConfigResource(ConfigResourceType.TOPIC, topic.name, config)]
            )
