"""Every metric of every process, declared once.

Names follow Prometheus: base units, `_total` for counters. Labels have few values: never a job id.
"""

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from joblog.streams.signals.histogram import LabelledHistogram

STAGE_BUCKETS: Final = (
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600,
)  # fmt: skip
"""Seconds, from an idle system's millisecond to an hour in a backlog."""


class Metrics:
    """The metrics of one process, in a registry of its own."""

    def __init__(self) -> None:
        """Declare all of them, at zero."""
        self.registry = CollectorRegistry()
        self.records = Counter(
            "joblog_records_folded",
            "Records of the events topic, by event and by what became of them (forwarded: wrong partition).",
            ["event", "verdict"],
            registry=self.registry,
        )
        self.outcomes = Counter(
            "joblog_jobs_finished",
            "Generations of jobs that came to their end, by type and terminal state.",
            ["type", "status"],
            registry=self.registry,
        )
        self.retries = Counter(
            "joblog_retries_scheduled",
            "Failed attempts that will be repeated, by type.",
            ["type"],
            registry=self.registry,
        )
        self.dead_letters = Counter(
            "joblog_dead_letters",
            "Records put on the dead-letter topic, by reason.",
            ["reason"],
            registry=self.registry,
        )
        self.queue_depth = Gauge(
            "joblog_queue_depth",
            "Pending jobs in the partitions of this scheduler, by type and queue.",
            ["type", "queue"],
            registry=self.registry,
        )
        self.blocked = Gauge(
            "joblog_blocked_jobs",
            "Jobs that wait for their turn behind others of their ordering keys, by type and queue.",
            ["type", "queue"],
            registry=self.registry,
        )
        self.in_flight = Gauge(
            "joblog_attempts_in_flight",
            "Attempts dispatched and not yet started or ended, by lane.",
            ["lane"],
            registry=self.registry,
        )
        self.oldest_age = Gauge(
            "joblog_oldest_pending_seconds",
            "Age of the first pending job of each type and queue.",
            ["type", "queue"],
            registry=self.registry,
        )
        self.stage = LabelledHistogram(
            "joblog_stage_seconds",
            "Time of a job in a stage, in log time: queued (submitted to dispatched), "
            "executed (dispatched to its outcome), total (submitted to its end).",
            "stage",
            STAGE_BUCKETS,
        )
        self.registry.register(self.stage)
        self.lag = Gauge(
            "joblog_log_lag_records",
            "Records of the events topic not folded yet, by partition.",
            ["partition"],
            registry=self.registry,
        )
        self.stopped = Gauge(
            "joblog_partition_stopped",
            "1 for a partition that has stopped since too much of it is poison, by partition.",
            ["partition"],
            registry=self.registry,
        )
        self.commits = Histogram(
            "joblog_commit_seconds",
            "Time of a commit of the state.",
            registry=self.registry,
        )
        self.takeovers = Histogram(
            "joblog_takeover_seconds",
            "Time to fence the former owner of a partition and recover its state.",
            registry=self.registry,
        )
        self.clock_steps_back = Gauge(
            "joblog_log_time_steps_back",
            "Backward steps of the broker's clock of more than 5 s that log time followed.",
            registry=self.registry,
        )
        self.topics_lost = Counter(
            "joblog_topics_lost",
            "Partitions whose records were deleted with a work or delay topic, and are put out again; by topic.",
            ["topic"],
            registry=self.registry,
        )
        self.attempts = Counter(
            "joblog_attempts",
            "Attempts that a worker ended, by type and outcome.",
            ["type", "outcome"],
            registry=self.registry,
        )
        self.attempt_seconds = LabelledHistogram(
            "joblog_attempt_seconds", "Run time of handlers, by type.", "type", STAGE_BUCKETS
        )
        self.registry.register(self.attempt_seconds)
        self.running = Gauge(
            "joblog_attempts_running", "Attempts that a worker runs now.", registry=self.registry
        )
        self.wakeups = Counter(
            "joblog_wakeups", "Jobs that the delay service woke.", registry=self.registry
        )
        self.hops = Counter(
            "joblog_delay_hops",
            "Records that moved on to a shorter delay, by tier.",
            ["tier"],
            registry=self.registry,
        )
        self.lateness = Histogram(
            "joblog_wakeup_lateness_seconds",
            "How long after its due time a job was woken, by the delay service's clock.",
            buckets=STAGE_BUCKETS,
            registry=self.registry,
        )
        self.bridged = Counter(
            "joblog_submissions_bridged",
            "Submissions that the bridge passed on from the topic of the schema registry's serializers.",
            registry=self.registry,
        )
        self.outbox_entries = Gauge(
            "joblog_outbox_entries",
            "Entries in the outbox's table, by state (waiting, refused), as a relay saw it last. 100001 stands "
            "for any number above 100000.",
            ["state"],
            registry=self.registry,
        )
        self.outbox_oldest = Gauge(
            "joblog_outbox_oldest_seconds",
            "Age of the oldest entry that waits in the outbox's table, as a relay saw it last.",
            registry=self.registry,
        )
        self.outbox_published = Counter(
            "joblog_outbox_published",
            "Entries that a relay published and deleted.",
            registry=self.registry,
        )
        self.outbox_refused = Counter(
            "joblog_outbox_refused",
            "Entries that a relay refused: they can never be published as they are.",
            registry=self.registry,
        )
        self.restarts = Counter(
            "joblog_process_restarts",
            "Processes that a supervisor started again, by component.",
            ["component"],
            registry=self.registry,
        )
