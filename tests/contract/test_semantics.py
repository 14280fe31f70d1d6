"""Failures, reasons and exit codes mean the same to those who give them and those who get them."""

from datetime import timedelta
from pathlib import Path
from typing import Any, Final, get_args

import pytest

from joblog.cli.exit_codes import ExitCode
from joblog.lifecycle.reasons import Reason
from joblog.lifecycle.states import TRANSITIONS, Status
from joblog.processors.worker import failures
from joblog.processors.worker.outcomes import Failed
from joblog.processors.worker.reports import WRITTEN
from joblog.processors.worker.verdicts import Fatal, RetryAfter
from joblog.schemas.models import AttemptFailed, Failure, JobDeadLettered
from tests.contract.writers import records_of
from tests.contract.written import CODEC
from tests.contract.written import EVENTS_OF as WRITERS
from tests.history.letters import EITHER, JOB_REASONS, REFUSAL_REASONS
from tests.unit.lifecycle.partition_log import PartitionLog

DOCS: Final = Path(__file__).parents[2] / "docs"

FAILURES: Final[dict[str, tuple[Failed, str]]] = {
    "raised": (failures.raised(ValueError("no")), Status.RETRYING),
    "fatal": (failures.raised(Fatal("no")), Status.DEAD_LETTERED),
    "wished": (failures.raised(RetryAfter(timedelta())), Status.DISPATCHED),
    "refused": (failures.refused(ValueError("no")), Status.DEAD_LETTERED),
    "payload_rejected": (failures.payload_rejected("no"), Status.DEAD_LETTERED),
    "unknown_type": (failures.unknown_type("mail"), Status.RETRYING),
    "timed_out": (failures.timed_out(5), Status.RETRYING),
    "process_died": (failures.process_died(-9), Status.RETRYING),
}
"""Each failure that a worker reports, and what becomes of the job after its first attempt."""


@pytest.mark.parametrize("name", [*FAILURES])
def test_a_failure_leads_to_what_its_worker_means_by_it(name: str) -> None:
    failed, status = FAILURES[name]
    log = PartitionLog()
    log.announce("mail")
    log.submit("a")
    about: dict[str, Any] = {"failure": failed.failure, "retry_after_ms": failed.retry_after_ms}
    log.report(AttemptFailed, "a", started_at=log.now, **about)
    row = log.row("a")
    assert row.status == status
    assert row.failure == failed.failure
    if status == Status.DEAD_LETTERED:
        (letter,) = log.emitted(JobDeadLettered)
        assert (letter.reason, letter.failure) == (Reason.FATAL, failed.failure)


def test_a_worker_reports_each_kind_of_failure_that_the_contract_has() -> None:
    kinds = set(get_args(Failure.model_fields["kind"].annotation))
    assert {failed.failure.kind for failed, _ in FAILURES.values()} == kinds


def test_every_report_of_a_worker_moves_a_job_or_renews_its_lease() -> None:
    moving = {event for _, event in TRANSITIONS}
    assert {event.__name__ for event in WRITTEN} <= moving


def test_each_reason_is_explained_to_operators_and_known_to_the_checker() -> None:
    explained = (DOCS / "dead-letters.md").read_text()
    assert [reason for reason in Reason if f"| `{reason}` |" not in explained] == []
    assert set(Reason) == JOB_REASONS | REFUSAL_REASONS | EITHER


@pytest.mark.parametrize("place", [place for place in WRITERS if place[0] == "dlq"])
def test_each_dead_letter_has_a_reason_that_there_is(place: Any) -> None:  # noqa: ANN401 - a row of the table
    for record in records_of(place):
        letter = CODEC.decode(record.value or b"")
        assert isinstance(letter, JobDeadLettered)
        assert letter.reason in set(Reason)


def test_each_exit_code_is_explained() -> None:
    explained = (DOCS / "command.md").read_text()
    assert [code for code in ExitCode if f"| {code.value} |" not in explained] == []
