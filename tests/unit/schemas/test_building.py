"""Records made of typed fields are what their models make of them."""

import pytest
from pydantic import ValidationError

from joblog.schemas.building import built
from joblog.schemas.models import AttemptFailed, Cause, Failure, JobSubmitted, Tick

CAUSE = Cause(topic="joblog.events", partition=1, offset=2)


def test_defaults_are_the_models() -> None:
    assert built(Cause, topic="joblog.events", partition=1, offset=2) == CAUSE


def test_records_in_a_record_are_kept_as_they_are() -> None:
    failure = Failure(kind="error", type="ValueError", message="no")
    fields = {
        "event_id": "1-2-0",
        "time": 3,
        "job_id": "a",
        "cause": CAUSE,
        "attempt": 1,
        "worker": "w",
        "started_at": 2,
        "failure": failure,
    }
    made = built(AttemptFailed, **fields)  # type: ignore[arg-type]
    assert made == AttemptFailed(**fields)  # type: ignore[arg-type]
    assert made.failure is failure
    assert made.cause is CAUSE


def test_a_broken_rule_is_named_as_by_the_model() -> None:
    with pytest.raises(ValidationError, match="greater than or equal to 0"):
        built(Tick, event_id="tick", time=-1)


def test_a_missing_field_is_named_as_by_the_model() -> None:
    with pytest.raises(ValidationError, match="Field required"):
        built(Tick, event_id="tick")  # type: ignore[call-arg]


def test_what_only_the_model_can_make_is_made_by_it() -> None:
    fields = {
        "event_id": "e",
        "time": 1,
        "job_id": "a",
        "type": "t",
        "payload": b"",
        "payload_schema": b"12345678",
    }
    made = built(JobSubmitted, **fields)  # type: ignore[arg-type]
    assert made == JobSubmitted(**fields)  # type: ignore[arg-type]
    assert made.labels == {}


def test_two_records_share_no_value_that_can_be_changed() -> None:
    fields = {
        "event_id": "e",
        "time": 1,
        "job_id": "a",
        "type": "t",
        "payload": b"",
        "payload_schema": b"12345678",
    }
    first = built(JobSubmitted, **fields)  # type: ignore[arg-type]
    second = built(JobSubmitted, **fields)  # type: ignore[arg-type]
    first.labels["only"] = "here"
    assert second.labels == {}
