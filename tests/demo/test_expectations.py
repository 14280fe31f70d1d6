"""Each expectation holds for what was planned, and tells what differs."""

import base64
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from examples.saas.airports import Airport
from examples.saas.demo import expectations
from examples.saas.demo.garbage import Garbage
from examples.saas.demo.outcome import Outcome
from examples.saas.demo.services import Ended
from examples.saas.demo.workload import IMPORT, SMALL, WEBHOOK, plan, valid_airport
from examples.saas.photos import Photo, make_thumbnail
from joblog import Status
from tests.demo.made import SUBMITTED, job_of, outcome_of

URL = "http://127.0.0.1:1"
GARBAGE = [Garbage(2, 7, b"key", b"\xff\x00"), Garbage(0, 1, b"other", None)]


@pytest.fixture(scope="module")
def outcomes() -> list[Outcome]:
    jobs = plan(SMALL, URL, SUBMITTED)
    return [outcome_of(planned, f"job-{number}") for number, planned in enumerate(jobs)]


def one_of(outcomes: list[Outcome], kind: str, status: Status) -> int:
    return next(
        number
        for number, (planned, _, _) in enumerate(outcomes)
        if planned.kind == kind and planned.end.status is status
    )


def with_changed(
    outcomes: list[Outcome],
    number: int,
    **changed: Any,  # noqa: ANN401 - fields of a job
) -> list[Outcome]:
    planned, job_ids, job = outcomes[number]
    other = outcomes.copy()
    other[number] = Outcome(planned, job_ids, job_of(planned, job.job_id, **changed))
    return other


def count(found: Iterator[str]) -> int:
    return len(list(found))


@pytest.mark.parametrize(
    "changed", [{"status": Status.DEAD_LETTERED}, {"failures": 1}, {"status": Status.RUNNING}]
)
def test_a_job_that_ended_otherwise_is_told(
    outcomes: list[Outcome], changed: dict[str, Any]
) -> None:
    number = one_of(outcomes, IMPORT, Status.SUCCEEDED)
    assert count(expectations.jobs_ended_as_planned(outcomes)) == 0
    told = list(expectations.jobs_ended_as_planned(with_changed(outcomes, number, **changed)))
    assert len(told) == 1
    assert outcomes[number].job.job_id in told[0]


def test_a_dead_letter_for_another_reason_is_told(outcomes: list[Outcome]) -> None:
    number = one_of(outcomes, WEBHOOK, Status.DEAD_LETTERED)
    other = with_changed(outcomes, number, reason="lost")
    assert count(expectations.jobs_ended_as_planned(other)) == 1


def test_submissions_of_one_key_with_two_jobs_are_told(outcomes: list[Outcome]) -> None:
    planned, _, job = outcomes[-1]
    other = [*outcomes[:-1], Outcome(planned, frozenset({job.job_id, "second"}), job)]
    assert count(expectations.equal_keys_are_one_job(outcomes)) == 0
    assert count(expectations.equal_keys_are_one_job(other)) == 1


def test_two_jobs_of_one_id_are_told(outcomes: list[Outcome]) -> None:
    other = [*outcomes, outcomes[0]]
    assert count(expectations.equal_keys_are_one_job(other)) == 2


def test_a_dispatch_before_its_time_is_told(outcomes: list[Outcome]) -> None:
    number, not_before = next(
        (number, planned.options["not_before"])
        for number, (planned, _, _) in enumerate(outcomes)
        if "not_before" in planned.options
    )
    early = with_changed(outcomes, number, dispatched_at=not_before - timedelta(milliseconds=1))
    assert count(expectations.nothing_ran_early(outcomes)) == 0
    assert count(expectations.nothing_ran_early(early)) == 1


def test_rows_that_are_missing_double_or_changed_are_told(outcomes: list[Outcome]) -> None:
    rows = [planned.payload for planned, _, _ in outcomes if planned.kind == IMPORT]
    airports = [airport for row in rows if (airport := valid_airport(row))]  # type: ignore[arg-type]  # of imports
    changed = airports[0].model_copy(update={"latitude": 0.0})

    def told(loaded: list[Airport]) -> int:
        return count(expectations.valid_rows_are_loaded(outcomes, loaded))

    assert told(airports) == 0
    assert told(airports[1:]) == 1
    assert told([*airports, airports[0]]) == 1
    assert told([changed, *airports[1:]]) == 2


def test_thumbnails_that_are_missing_wrong_or_left_over_are_told(
    outcomes: list[Outcome], tmp_path: Path
) -> None:
    photos = [outcome for outcome in outcomes if isinstance(outcome.planned.payload, Photo)]
    for planned, _, _ in photos:
        if isinstance(planned.payload, Photo) and planned.end.status is Status.SUCCEEDED:
            make_thumbnail(planned.payload, tmp_path)
    made = sorted(tmp_path.iterdir())

    def told() -> int:
        return count(expectations.thumbnails_are_made(outcomes, tmp_path))

    assert told() == 0
    made[0].rename(tmp_path / "unknown.jpeg")
    assert told() == 2
    Image.new("RGB", (1, 1)).save(made[1])
    assert told() == 3


def test_webhooks_that_came_too_often_never_or_unplanned_are_told(outcomes: list[Outcome]) -> None:
    received = {
        f"{job.job_id}/1": [503] * planned.end.failures + [204]
        for planned, _, job in outcomes
        if planned.payload.model_dump().get("url", "").endswith(("/well", "/busy", "/soon"))
    }
    received |= {
        f"{job.job_id}/1": answers
        for planned, _, job in outcomes
        for name, answers in (
            ("overloaded", [503, 429, 204]),
            ("broken", [500] * 4),
            ("gone", [410]),
            ("silent", [0] * 2),
        )
        if planned.payload.model_dump().get("url", "").endswith(f"/{name}")
    }
    first, second, *_ = received
    assert count(expectations.webhooks_are_received(outcomes, received)) == 0
    other = received | {first: [204, 204], second: [], "unplanned": [204]}
    assert count(expectations.webhooks_are_received(outcomes, other)) == 3


def letters_of(outcomes: list[Outcome]) -> list[dict[str, Any]]:
    jobs = [job for _, _, job in outcomes if job.status is Status.DEAD_LETTERED]
    letters: list[dict[str, Any]] = [
        {"job_id": job.job_id, "reason": job.reason, "original": {}} for job in jobs
    ]
    return letters + [poison(record) for record in GARBAGE]


def poison(record: Garbage) -> dict[str, Any]:
    key, value = (
        None if part is None else base64.urlsafe_b64encode(part).decode() for part in record[2:]
    )
    original = {"partition": record.partition, "offset": record.offset, "key": key, "value": value}
    return {"job_id": "", "reason": "poison", "original": original}


def test_dead_letters_that_are_missing_or_too_many_are_told(outcomes: list[Outcome]) -> None:
    letters = letters_of(outcomes)
    assert count(expectations.dead_letters_are_complete(outcomes, GARBAGE, letters)) == 0
    assert count(expectations.dead_letters_are_complete(outcomes, GARBAGE, letters[1:])) == 1
    double = [*letters, letters[-1]]
    assert count(expectations.dead_letters_are_complete(outcomes, GARBAGE, double)) == 1


def test_garbage_whose_bytes_are_not_kept_is_told(outcomes: list[Outcome]) -> None:
    letters = letters_of(outcomes)
    changed = [*letters[:-2], poison(GARBAGE[0]._replace(value=b"\xff")), letters[-1]]
    assert count(expectations.garbage_is_kept(GARBAGE, letters)) == 0
    assert count(expectations.garbage_is_kept(GARBAGE, changed)) == 1


def partition_line(jobs: int, live: str, entries: str = "[]") -> str:
    return f'{{"partition": 0, "jobs": {jobs}, "live": "{live}", "replayed": "aa", "differences": {entries}}}'


def test_tables_that_differ_or_lack_a_job_are_told(outcomes: list[Outcome]) -> None:
    jobs = len(outcomes)

    def told(code: int, jobs: int, live: str) -> int:
        ended = Ended(code, [partition_line(jobs, live)])
        return count(expectations.tables_follow_from_the_log(outcomes, ended))

    assert told(0, jobs, "aa") == 0
    assert told(1, jobs, "aa") == 1
    assert told(0, jobs, "bb") == 1
    assert told(0, jobs - 1, "aa") == 1


@pytest.mark.parametrize(
    ("code", "entries", "told"),
    [
        (1, '[{"entry": "job-1"}]', 0),
        (0, '[{"entry": "job-1"}]', 1),
        (1, "[]", 1),
        (1, '[{"entry": "job-1"}, {"entry": "job-2"}]', 1),
    ],
)
def test_a_planted_difference_has_to_be_found_alone(code: int, entries: str, told: int) -> None:
    ended = Ended(code, [partition_line(1, "bb", entries)])
    assert count(expectations.planted_difference_is_found("job-1", ended)) == told
