"""A work or delay topic is deleted under the running processes: it comes again, and so does what stood there."""

import signal
from collections import Counter
from datetime import timedelta

import pytest

from joblog.lifecycle.delays import TIERS, Tier
from joblog.streams.topics import TopicMap
from tests.cluster import Cluster
from tests.faults.load import Load
from tests.history.faults import FaultKind
from tests.history.ledger import wall_clock

HANDLERS = "tests.faults.handlers"
JOBS = 200
WRITERS = ("scheduler", "delays")


@pytest.fixture
def running(cluster: Cluster, load: Load) -> Cluster:
    """A cluster in which a first job has run, so that its log knows types and topics."""
    cluster.start("scheduler", "scheduler")
    cluster.start("delays", "delays")
    cluster.start("worker", "worker", HANDLERS)
    load.submit(1, ("quick",))
    load.until_finished()
    cluster.until(lambda: load.reported("TopicsAnnounced") >= 4, "each partition knows the topics")
    return cluster


def dispatched(load: Load) -> int:
    return Counter(status for _, status in load.statuses())["dispatched"]


@pytest.mark.timeout(300)
def test_what_no_worker_had_taken_from_a_deleted_work_topic_runs(
    running: Cluster, load: Load
) -> None:
    running.signal("worker", signal.SIGTERM)
    assert running.wait("worker") == 0
    load.submit(JOBS, ("quick",))
    running.until(lambda: dispatched(load) == JOBS, "all jobs are dispatched")
    begin = wall_clock()
    assert load.delete(TopicMap.of(running.settings).works[0], ("scheduler",)) >= JOBS
    running.until(lambda: "work.default is not the topic" in said(running), "it is said loudly")
    running.start("worker", "worker", HANDLERS)
    load.until_finished()
    load.fault(FaultKind.TOPIC_DELETED, begin)
    load.judge()
    assert running.alive("scheduler")
    running.run("topics", "create")  # it refuses topics that are not as they have to be


@pytest.mark.timeout(300)
def test_attempts_that_run_while_their_work_topic_is_deleted_end_where_they_began(
    running: Cluster, load: Load
) -> None:
    load.submit(JOBS, ("slow", "quick", "flaky"))
    running.until(lambda: load.running() >= 10, "attempts run")
    begin = wall_clock()
    load.delete(TopicMap.of(running.settings).works[0], ("scheduler",))
    running.until(lambda: "work.default is not the topic" in said(running), "it is said loudly")
    load.submit(JOBS, ("quick",))
    load.until_finished()
    load.fault(FaultKind.TOPIC_DELETED, begin)
    load.judge()
    assert running.alive("scheduler")
    assert running.alive("worker")
    assert load.reported("AttemptLost", "LeaseExpired", "AttemptReleased") == 0


@pytest.mark.timeout(300)
def test_what_stood_on_a_topic_that_was_deleted_while_no_scheduler_ran_comes_again(
    running: Cluster, load: Load
) -> None:
    running.signal("worker", signal.SIGTERM)
    assert running.wait("worker") == 0
    load.submit(JOBS, ("quick",))
    running.until(lambda: dispatched(load) == JOBS, "all jobs are dispatched")
    running.signal("scheduler", signal.SIGTERM)
    assert running.wait("scheduler") == 0
    begin = wall_clock()
    load.delete(TopicMap.of(running.settings).works[0], ())
    running.start("scheduler", "scheduler")
    running.until(lambda: "was missing and is created again" in said(running), "it is created")
    running.start("worker", "worker", HANDLERS)
    load.until_finished()
    load.fault(FaultKind.TOPIC_DELETED, begin)
    load.judge()


@pytest.mark.timeout(300)
@pytest.mark.parametrize("tier", TIERS[:2], ids=lambda tier: tier.name)
def test_jobs_that_wait_in_a_deleted_delay_topic_come_when_they_are_due(
    running: Cluster, load: Load, tier: Tier
) -> None:
    load.submit(JOBS, ("flaky",), timedelta(seconds=8))
    topics = TopicMap.of(running.settings)
    begin = wall_clock()
    load.delete(topics.delay(tier), WRITERS)
    running.until(lambda: not running.alive("delays"), "the delay service ends")
    assert running.wait("delays") == 1
    assert "deleted, or made anew" in running.log_path("delays").read_text()
    running.start("delays", "delays")
    load.until_finished()
    load.fault(FaultKind.TOPIC_DELETED, begin)
    load.judge()
    assert running.alive("scheduler")


def said(cluster: Cluster) -> str:
    return cluster.log_path("scheduler").read_text()
