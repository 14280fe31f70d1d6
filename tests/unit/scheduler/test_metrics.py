"""What the scheduler's metrics say of records, jobs and partitions."""

from typing import cast

from joblog.processors.scheduler.metrics import SchedulerMetrics, observe_partitions
from joblog.processors.scheduler.partition import PartitionScheduler
from joblog.streams.signals.metrics import Metrics
from tests.unit.lifecycle.partition_log import PartitionLog


class OpenPartition:
    """A partition that is open."""

    def __init__(self, partition: int, log: PartitionLog) -> None:
        self.partition = partition
        self.stopped: str | None = None
        self.fold = log.fold


def served(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(name, labels)


def observed(log: PartitionLog, end: int | None) -> Metrics:
    metrics = Metrics()
    partition = cast("PartitionScheduler", OpenPartition(3, log))
    observe_partitions([partition], {3: end}.get, metrics)
    return metrics


def test_the_lag_is_what_stands_in_the_log_and_is_not_folded() -> None:
    log = PartitionLog()
    log.submit("a")
    assert served(observed(log, 2), "joblog_log_lag_records", partition="3") == 0
    assert served(observed(log, 12), "joblog_log_lag_records", partition="3") == 10
    assert served(observed(log, None), "joblog_log_lag_records", partition="3") is None


def test_a_partition_that_has_stopped() -> None:
    partition, metrics = OpenPartition(3, PartitionLog()), Metrics()
    for partition.stopped, shown in ((None, 0), ("poison", 1)):
        observe_partitions([cast("PartitionScheduler", partition)], {3: None}.get, metrics)
        assert served(metrics, "joblog_partition_stopped", partition="3") == shown


def test_steps_back_of_the_broker_s_clock_are_counted() -> None:
    log = PartitionLog()
    assert served(observed(log, 0), "joblog_log_time_steps_back") == 0
    log.now -= 60_000
    log.tick()
    assert served(observed(log, 0), "joblog_log_time_steps_back") == 1


def test_what_waits_and_what_is_in_flight() -> None:
    log = PartitionLog()
    log.announce("mail")
    log.submit("a")
    log.submit("b", "unknown")
    log.tick(2_500)
    metrics = observed(log, 0)
    assert served(metrics, "joblog_attempts_in_flight", lane="default") == 1
    assert served(metrics, "joblog_queue_depth", type="unknown", queue="default") == 1
    assert served(metrics, "joblog_oldest_pending_seconds", type="unknown", queue="default") == 2.5


def test_what_is_blocked_is_counted_apart() -> None:
    log = PartitionLog()
    log.announce("mail")
    for job in ("a", "b", "c"):
        log.submit(job, ordering_key="account 7")
    metrics = observed(log, 0)
    assert served(metrics, "joblog_blocked_jobs", type="mail", queue="default") == 2
    assert served(metrics, "joblog_queue_depth", type="mail", queue="default") is None


def test_records_outcomes_retries_and_dead_letters_are_counted() -> None:
    metrics, log = Metrics(), PartitionLog()
    observer = SchedulerMetrics(metrics)
    cycle = [log.announce("mail"), log.submit("a"), log.submit("a"), log.append_raw(None, b"?")]
    log.now += 1_500
    cycle += [log.succeed("a"), log.submit("b"), log.fail("b")]
    observer.folded(0, cycle)
    folded = "joblog_records_folded_total"
    assert served(metrics, folded, event="JobSubmitted", verdict="changed") == 2
    assert served(metrics, folded, event="JobSubmitted", verdict="duplicate") == 1
    assert served(metrics, folded, event="unreadable", verdict="refused") == 1
    assert served(metrics, "joblog_dead_letters_total", reason="poison") == 1
    assert served(metrics, "joblog_jobs_finished_total", type="mail", status="succeeded") == 1
    assert served(metrics, "joblog_retries_scheduled_total", type="mail") == 1
    assert served(metrics, "joblog_stage_seconds_sum", stage="total") == 1.5
    assert served(metrics, "joblog_stage_seconds_count", stage="executed") == 1
