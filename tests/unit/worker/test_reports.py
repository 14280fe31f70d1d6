"""Reports name the attempt, its dispatch and its worker, and go to the dispatch's partition."""

import pytest

from joblog.processors.worker import failures
from joblog.processors.worker.leases import Sign
from joblog.processors.worker.outcomes import (
    Cancelled,
    Failed,
    Outcome,
    Released,
    Succeeded,
    name_of,
)
from joblog.processors.worker.reports import Reports
from joblog.schemas.models import (
    AttemptCancelled,
    AttemptFailed,
    AttemptHeartbeat,
    AttemptLost,
    AttemptReleased,
    AttemptStarted,
    AttemptSucceeded,
    Cause,
)
from tests.unit.worker.making import EVENTS, WORK, attempt, decoded, dispatch

NOW = 1_700_000_000_000
reports = Reports(EVENTS, "me", 30_000, lambda: NOW)
SUCCEEDED = Succeeded(b"r", b"12345678")
FAILED = Failed(failures.raised(ValueError("x")).failure, 5)


@pytest.mark.parametrize(
    ("outcome", "event", "word", "fields"),
    [
        (SUCCEEDED, AttemptSucceeded, "succeeded", {"result": b"r", "result_schema": b"12345678"}),
        (FAILED, AttemptFailed, "failed", {"failure": FAILED.failure, "retry_after_ms": 5}),
        (Cancelled(), AttemptCancelled, "cancelled", {}),
        (Released("shutdown"), AttemptReleased, "released", {"reason": "shutdown"}),
    ],
    ids=["succeeded", "failed", "cancelled", "released"],
)  # fmt: skip
def test_an_outcome(
    outcome: Outcome, event: type[object], word: str, fields: dict[str, object]
) -> None:
    one = attempt(dispatch(n=7, generation=2, attempt=3, correlation_id="c"), offset=9)
    one.started_at = NOW - 5
    record = reports.outcome(one, outcome)
    assert (record.topic, record.partition, record.key) == (EVENTS, 0, b"job-7")
    headers = dict(record.headers)
    assert headers["ce_type"] == f"joblog.{event.__name__}".encode()
    assert headers["ce_id"] == f"0-7-0-{word}".encode()
    assert headers["traceparent"] == b"00-trace-span-01"
    made = decoded(record).model_dump()
    expected = {
        "event_id": f"0-7-0-{word}",
        "time": NOW,
        "job_id": "job-7",
        "generation": 2,
        "attempt": 3,
        "worker": "me",
        "correlation_id": "c",
        "cause": Cause(topic=WORK, partition=0, offset=9, index=0).model_dump(),
    }
    if isinstance(outcome, Succeeded | Failed):
        expected["started_at"] = NOW - 5
    dumped = {
        name: getattr(value, "model_dump", lambda value=value: value)()
        for name, value in fields.items()
    }
    assert made == expected | dumped
    assert isinstance(decoded(record), event)


def test_an_attempt_that_failed_before_it_began_has_a_time_all_the_same() -> None:
    event = decoded(reports.outcome(attempt(), failures.unknown_type("x")))
    assert isinstance(event, AttemptFailed)
    assert event.started_at == NOW


def test_signs_of_life() -> None:
    one = attempt()
    one.started_at = NOW - 2_000
    started = decoded(reports.sign(Sign(one, started=True)))
    assert isinstance(started, AttemptStarted)
    assert (started.started_at, started.lease_ms) == (NOW - 2_000, 30_000)
    beats = [
        decoded(reports.sign(Sign(one, started=False, progress=0.5, message="m" * 9_000)))
        for _ in range(2)
    ]
    assert all(isinstance(beat, AttemptHeartbeat) for beat in beats)
    assert len({event.event_id for event in [started, *beats]}) == 3
    assert [getattr(event, "cause").index for event in [started, *beats]] == [0, 1, 2]  # noqa: B009
    assert isinstance(beats[0], AttemptHeartbeat)
    assert beats[0].progress == 0.5
    assert beats[0].message == "m" * failures.MESSAGE_CHARACTERS


def test_a_loss_is_the_same_event_whoever_reports_it() -> None:
    other = Reports(EVENTS, "other", 30_000, lambda: NOW + 1)
    mine, theirs = (decoded(one.lost(attempt(), "gone")) for one in (reports, other))
    assert isinstance(mine, AttemptLost)
    assert mine.event_id == theirs.event_id
    assert mine.lost_worker == "gone"
    assert "gone" in mine.reason


def test_words_for_metrics() -> None:
    assert [name_of(one) for one in (Succeeded(), FAILED, Cancelled(), Released(""))] == [
        "succeeded",
        "error",
        "cancelled",
        "released",
    ]
