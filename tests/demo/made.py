"""Outcomes as the demo would find them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from examples.saas.demo.outcome import Outcome
from examples.saas.demo.workload import Planned
from joblog import Job, Status

SUBMITTED = datetime(2026, 1, 1, tzinfo=UTC)


def job_of(planned: Planned, job_id: str, **changed: Any) -> Job:  # noqa: ANN401 - fields of a job
    """Return the job that a plan asks for, with some fields changed."""
    end = planned.end
    fields: dict[str, Any] = {
        "job_id": job_id,
        "generation": 1,
        "status": end.status,
        "failures": end.failures,
        "reason": end.reason,
        "attempt": end.failures + (end.status is Status.SUCCEEDED),
        "submitted_at": SUBMITTED,
        "dispatched_at": planned.options.get("not_before", SUBMITTED) + timedelta(milliseconds=5),
    }
    return Job.model_construct(**(fields | changed))


def outcome_of(planned: Planned, job_id: str, **changed: Any) -> Outcome:  # noqa: ANN401 - fields of a job
    """Return the outcome that a plan asks for, with some fields of the job changed."""
    return Outcome(planned, frozenset({job_id}), job_of(planned, job_id, **changed))
