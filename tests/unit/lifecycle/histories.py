"""Random histories of a partition, for Hypothesis."""

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from joblog.schemas.models import (
    AttemptCancelled,
    AttemptFailed,
    AttemptHeartbeat,
    AttemptLost,
    AttemptReleased,
    AttemptStarted,
    AttemptSucceeded,
    DeadLetterDiscarded,
    DelayElapsed,
    Failure,
    JobCancelRequested,
    JobRedriven,
    LimitsAnnounced,
    RetryPolicy,
    Tick,
    TopicsAnnounced,
)
from tests.unit.lifecycle.partition_log import PartitionLog

Action = tuple[Any, ...]

JOBS = ("job-0", "job-1", "job-2", "job-3")
TYPES = ("mail", "report", "unknown")

_job = st.sampled_from(JOBS)
_moment = st.integers(0, 3_000)
_failure = st.builds(
    Failure,
    kind=st.just("error"),
    type=st.just("ValueError"),
    message=st.text(max_size=5),
    retryable=st.booleans(),
)
_policy = st.builds(
    RetryPolicy,
    max_attempts=st.integers(1, 3),
    backoff=st.sampled_from(["fixed", "exponential"]),
    initial_delay_ms=st.sampled_from([0, 100, 1_000]),
    max_elapsed_ms=st.none() | st.integers(0, 5_000),
)
_submission = st.fixed_dictionaries(
    {"type_": st.sampled_from(TYPES), "priority": st.integers(0, 9)},
    optional={
        "queue": st.sampled_from(["default", "slow"]),
        "ordering_key": st.sampled_from(["a", "a", "b"]),
        "retry_policy": _policy,
        "not_before": _moment,
        "deadline": _moment,
    },
)
_report = st.one_of(
    st.tuples(
        st.just(AttemptStarted),
        st.fixed_dictionaries({"started_at": st.just(1), "lease_ms": _moment}),
    ),
    st.tuples(st.just(AttemptHeartbeat), st.fixed_dictionaries({"lease_ms": _moment})),
    st.tuples(st.just(AttemptSucceeded), st.fixed_dictionaries({"started_at": st.just(1)})),
    st.tuples(
        st.just(AttemptFailed),
        st.fixed_dictionaries({"started_at": st.just(1), "failure": _failure}),
    ),
    st.tuples(st.just(AttemptLost), st.just({})),
    st.tuples(st.just(AttemptReleased), st.just({})),
    st.tuples(st.just(AttemptCancelled), st.just({})),
)

actions = st.one_of(
    st.tuples(st.just("submit"), _job, _submission),
    st.tuples(st.just("report"), _job, _report, st.sampled_from([0, 0, 0, 0, -1, 1])),
    st.tuples(st.just("wake"), _job),
    st.tuples(st.just("cancel"), _job),
    st.tuples(st.just("redrive"), _job, st.sampled_from([0, 1, 1, 2])),
    st.tuples(st.just("discard"), _job),
    st.tuples(st.just("tick"), st.just("")),
    st.tuples(st.just("pass"), st.integers(-6_000, 2_000)),
    st.tuples(
        st.just("announce"),
        st.sampled_from(TYPES),
        st.integers(1, 3),
        st.sampled_from(["default", "bulk"]),
    ),
    st.tuples(st.just("limit"), st.integers(1, 4), st.integers(1, 3)),
    st.tuples(st.just("garbage"), st.binary(max_size=20)),
    st.tuples(
        st.just("topic"),
        st.sampled_from(["work.default", "work.bulk", "delay.now", "delay.1s"]),
        st.sampled_from(["one", "other"]),
    ),
)
histories = st.lists(actions, max_size=60)


def play(log: PartitionLog, history: list[Action]) -> None:
    """Append a history to a log."""
    for name, *arguments in history:
        _PLAYS[name](log, *arguments)


def _submit(log: PartitionLog, job_id: str, fields: dict[str, Any]) -> None:
    fields = dict(fields)
    for name in ("not_before", "deadline"):
        if name in fields:
            fields[name] += log.now
    log.submit(job_id, **fields)


def _report_on(log: PartitionLog, job_id: str, report: Action, shift: int) -> None:
    kind, fields = report
    row = log.fold.row(job_id)
    attempt = 1 if row is None else max(1, row.attempt + shift)
    generation = 1 if row is None else row.generation
    log.append(
        kind(
            **log.head(),
            job_id=job_id,
            generation=generation,
            attempt=attempt,
            worker="w1",
            **fields,
        )
    )


def _wake(log: PartitionLog, job_id: str) -> None:
    row = log.fold.row(job_id)
    if row is not None and row.due is not None:
        generation, attempt = row.generation, row.attempt + 1
        log.append(
            DelayElapsed(
                **log.head(), job_id=job_id, generation=generation, attempt=attempt, due=row.due
            )
        )


def _operate(log: PartitionLog, kind: type, job_id: str, shift: int) -> None:
    row = log.fold.row(job_id)
    generation = 1 if row is None else row.generation + shift
    log.append(kind(**log.head(), job_id=job_id, generation=generation, requested_by="ops"))


def _pass(log: PartitionLog, millis: int) -> None:
    log.now += millis


def _limit(log: PartitionLog, version: int, window: int) -> None:
    log.append(
        LimitsAnnounced(
            **log.head(),
            version=version,
            dispatch_window=window,
            max_submission_bytes=10_000,
            max_record_bytes=20_000,
            max_dead_letter_bytes=40_000,
            loss_limit=1,
            unknown_type_grace_ms=1_000,
            unknown_schema_grace_ms=1_000,
        )
    )


def _topic(log: PartitionLog, name: str, id_: str) -> None:
    log.append(TopicsAnnounced(**log.head(), topics={name: id_}))


_PLAYS: dict[str, Callable[..., object]] = {
    "submit": _submit,
    "report": _report_on,
    "wake": _wake,
    "cancel": lambda log, job: _operate(log, JobCancelRequested, job, 0),
    "redrive": lambda log, job, shift: _operate(log, JobRedriven, job, shift),
    "discard": lambda log, job: _operate(log, DeadLetterDiscarded, job, 0),
    "tick": lambda log, _: log.append(Tick(**log.head())),
    "pass": _pass,
    "announce": lambda log, type_, version, lane: log.announce(type_, version=version, lane=lane),
    "limit": _limit,
    "topic": _topic,
    "garbage": lambda log, value: log.append_raw(b"key", value),
}
