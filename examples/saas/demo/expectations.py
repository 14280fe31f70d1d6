"""What has to be so at the end of the demo; each function yields what is not."""

import base64
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Final

from PIL import Image

from examples.saas.airports import Airport, AirportRow
from examples.saas.demo.evidence import Evidence
from examples.saas.demo.garbage import Garbage
from examples.saas.demo.outcome import Outcome
from examples.saas.demo.services import Ended
from examples.saas.demo.workload import BEHAVIOURS, SUCCEEDED, WEBHOOK, End, valid_airport
from examples.saas.photos import Photo, thumbnail_path
from examples.saas.webhooks import Webhook
from joblog import Status

SHOWN: Final = 10
"""Differences of one kind that are told; the first few say what is wrong."""

Outcomes = Sequence[Outcome]
Letters = Sequence[Mapping[str, Any]]
"""Dead letters as `joblog dlq list --json` prints them."""


def differences(evidence: Evidence) -> Iterator[str]:
    """Yield all that is not as it has to be."""
    outcomes, garbage, received, loaded, thumbnails, answers = evidence
    expected = (
        jobs_ended_as_planned(outcomes),
        equal_keys_are_one_job(outcomes),
        nothing_ran_early(outcomes),
        valid_rows_are_loaded(outcomes, loaded),
        thumbnails_are_made(outcomes, thumbnails),
        webhooks_are_received(outcomes, received),
        dead_letters_are_complete(outcomes, garbage, answers.letters),
        garbage_is_kept(garbage, answers.letters),
        tables_follow_from_the_log(outcomes, answers.proof),
        planted_difference_is_found(answers.example, answers.planted),
    )
    for found in expected:
        yield from islice(found, SHOWN)


def jobs_ended_as_planned(outcomes: Outcomes) -> Iterator[str]:
    """Each job is in its planned state, after its planned failures, for its planned reason."""
    for planned, _, job in outcomes:
        reason = job.reason if job.status is Status.DEAD_LETTERED else None
        end = End(job.status, job.failures, reason)
        if end != planned.end:
            yield f"{planned.kind} {job.job_id} ended as {end} instead of {planned.end}"


def equal_keys_are_one_job(outcomes: Outcomes) -> Iterator[str]:
    """Submissions share their job exactly where they share an idempotency key."""
    owners = Counter(job_id for outcome in outcomes for job_id in outcome.job_ids)
    for planned, job_ids, _ in outcomes:
        if len(job_ids) != 1 or any(owners[job_id] > 1 for job_id in job_ids):
            yield f"{planned.copies} submissions of {planned.payload!r} have the jobs {job_ids}"


def nothing_ran_early(outcomes: Outcomes) -> Iterator[str]:
    """No job was dispatched before its time."""
    for planned, _, job in outcomes:
        not_before = planned.options.get("not_before")
        if not_before and job.dispatched_at and job.dispatched_at < not_before:
            yield f"{job.job_id} was dispatched at {job.dispatched_at}, before {not_before}"


def valid_rows_are_loaded(outcomes: Outcomes, loaded: Sequence[Airport]) -> Iterator[str]:
    """The table has each valid row exactly once, and nothing else."""
    rows = [outcome.planned.payload for outcome in outcomes]
    airports = [valid_airport(row) for row in rows if isinstance(row, AirportRow)]
    expected = Counter(airport for airport in airports if airport)
    found = Counter(loaded)
    for airport, count in ((expected - found) + (found - expected)).items():
        yield f"{airport!r} is {found[airport]} times in the table, {count} off"


def thumbnails_are_made(outcomes: Outcomes, directory: Path) -> Iterator[str]:
    """Each photo has its thumbnails, whole and of the right size, and nothing else is there."""
    photos = [
        planned.payload
        for planned, _, _ in outcomes
        if isinstance(planned.payload, Photo) and planned.end == SUCCEEDED
    ]
    expected = {thumbnail_path(photo, directory): photo for photo in photos}
    for path in expected.keys() ^ set(directory.glob("*")):
        yield f"{path} is {'missing' if path in expected else 'left over'}"
    for path, photo in expected.items():
        if path.exists():
            yield from _flaws_of(path, photo)


def webhooks_are_received(
    outcomes: Outcomes, answered: Mapping[str, Sequence[int]]
) -> Iterator[str]:
    """The customer's server got each message as often as planned, and no other."""
    expected = {
        f"{job.job_id}/{job.generation}": _answers(planned.payload, planned.end)
        for planned, _, job in outcomes
        if isinstance(planned.payload, Webhook)
    }
    for key in expected.keys() | answered.keys():
        planned_answers, answers = expected.get(key, []), list(answered.get(key, []))
        if answers != planned_answers:
            yield f"{WEBHOOK} {key} was answered {answers} instead of {planned_answers}"


def dead_letters_are_complete(
    outcomes: Outcomes, garbage: Sequence[Garbage], letters: Letters
) -> Iterator[str]:
    """Each failed job and each record of garbage has one dead letter, and nothing else has."""
    expected = Counter(
        (job.job_id, planned.end.reason)
        for planned, _, job in outcomes
        if planned.end.status is Status.DEAD_LETTERED
    )
    expected["", "poison"] += len(garbage)
    found = Counter((letter["job_id"], letter["reason"]) for letter in letters)
    for letter, count in ((expected - found) + (found - expected)).items():
        yield f"{letter} is a dead letter {found[letter]} times, {count} off"


def garbage_is_kept(garbage: Sequence[Garbage], letters: Letters) -> Iterator[str]:
    """The dead letter of each record of garbage has its place, key and value, byte for byte."""
    kept = [_original(letter) for letter in letters if letter["reason"] == "poison"]
    for record in garbage:
        if record not in kept:
            yield f"garbage at {record.partition}@{record.offset} has no dead letter with its bytes"


def tables_follow_from_the_log(outcomes: Outcomes, proof: Ended) -> Iterator[str]:
    """Each partition's rebuilt tables equal the live ones, and they have the planned jobs."""
    if proof.code != 0:
        yield f"joblog verify ended with exit code {proof.code}: {proof.lines}"
    for found in proof.documents:
        if found["live"] != found["replayed"]:
            yield f"partition {found['partition']} differs: {found['differences']}"
    jobs = sum(found["jobs"] for found in proof.documents)
    if jobs != len(outcomes):
        yield f"the tables have {jobs} jobs instead of {len(outcomes)}"


def planted_difference_is_found(example: str, planted: Ended) -> Iterator[str]:
    """Where one row was changed, the comparison fails and names that row alone."""
    found = [
        entry["entry"] for partition in planted.documents for entry in partition["differences"]
    ]
    if planted.code != 1 or found != [example]:
        yield (
            f"with the row of {example} changed, joblog verify ended with exit code {planted.code} "
            f"and named {found}"
        )


def _flaws_of(path: Path, photo: Photo) -> Iterator[str]:
    with Image.open(path) as image:
        image.load()
        if (image.format or "").lower() != photo.format or max(image.size) != photo.width:
            yield f"{path} is {image.format} of {image.size}, asked was {photo!r}"


def _answers(webhook: Webhook, end: End) -> list[int]:
    script = BEHAVIOURS[webhook.url.rpartition("/")[2]].script
    attempts = end.failures + (end.status is Status.SUCCEEDED)
    return [script.answer(attempt) for attempt in range(1, attempts + 1)]


def _original(letter: Mapping[str, Any]) -> Garbage:
    original = letter["original"]
    return Garbage(
        original["partition"],
        original["offset"],
        _bytes(original["key"]),
        _bytes(original["value"]),
    )


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else base64.urlsafe_b64decode(text)
