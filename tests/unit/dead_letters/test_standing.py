import pytest

from joblog.processors.dead_letters.letters import DeadLetter
from joblog.processors.dead_letters.standing import (
    JobState,
    Standing,
    is_of_job,
    standing_of_job,
)
from joblog.schemas.models import JobDeadLettered, OriginalRecord

ORIGINAL = OriginalRecord(topic="events", partition=2, offset=40, timestamp=5, key=b"j", value=b"v")
LETTER = DeadLetter(
    2,
    7,
    9,
    JobDeadLettered(
        event_id="e", time=1, job_id="j", generation=3, reason="fatal", original=ORIGINAL
    ),
)
STATE = JobState(
    generation=3, status="dead_lettered", discarded=False, partition=2, submission_offset=40
)


def test_a_letter_with_the_job_s_submission_is_the_job_s() -> None:
    assert is_of_job(LETTER, STATE, "events")


@pytest.mark.parametrize(
    "state", [STATE._replace(submission_offset=41), STATE._replace(partition=1)]
)
def test_a_letter_with_another_record_is_that_record_s(state: JobState) -> None:
    assert not is_of_job(LETTER, state, "events")


def test_a_record_of_another_topic_at_the_submission_s_offset_is_no_job_s() -> None:
    assert not is_of_job(LETTER, STATE, "other.events")


@pytest.mark.parametrize(
    ("now", "standing"),
    [
        (STATE, Standing.OPEN),
        (STATE._replace(discarded=True), Standing.DISCARDED),
        (STATE._replace(generation=4, status="running"), Standing.REDRIVEN),
        (STATE._replace(generation=4), Standing.REDRIVEN),
        (STATE._replace(generation=4, discarded=True), Standing.REDRIVEN),
    ],
)
def test_the_job_s_row_says_how_things_stand(now: JobState, standing: Standing) -> None:
    assert standing_of_job(LETTER, now) == standing
