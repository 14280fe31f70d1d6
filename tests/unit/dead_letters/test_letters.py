import pytest

from joblog.lifecycle.records import Inbound
from joblog.processors.dead_letters.letters import DeadLetter, Selection, letter_of
from joblog.schemas.codec import Codec
from joblog.schemas.models import JobDeadLettered, JobSubmitted, OriginalRecord, Tick

CODEC = Codec()
SUBMITTED = JobSubmitted(
    event_id="s", time=1, job_id="job-1", type="send-mail", payload=b"", payload_schema=b"12345678"
)

SUBMISSION = CODEC.encode(SUBMITTED)


def record(value: bytes | None) -> Inbound:
    return Inbound("dlq", 1, 17, 1_000, b"job-1", value)


def dead_lettered(original_value: bytes | None) -> JobDeadLettered:
    original = OriginalRecord(
        topic="events", partition=1, offset=3, timestamp=1, key=b"job-1", value=original_value
    )
    return JobDeadLettered(
        event_id="d", time=1, job_id="job-1", generation=1, reason="fatal", original=original
    )


def letter(original_value: bytes | None = SUBMISSION) -> DeadLetter:
    found = letter_of(record(CODEC.encode(dead_lettered(original_value))))
    assert found is not None
    return found


def test_a_letter_knows_its_place_and_its_job_s_type() -> None:
    assert (letter().reference, letter().timestamp, letter().type) == ("1@17", 1_000, "send-mail")


@pytest.mark.parametrize("value", [None, b"", b"garbage", SUBMISSION[:-3]])
def test_an_original_that_is_no_submission_has_no_type(value: bytes | None) -> None:
    assert letter(value).original is None
    assert letter(value).type is None


@pytest.mark.parametrize("value", [None, b"garbage", CODEC.encode(Tick(event_id="t", time=1))])
def test_what_is_no_dead_letter_is_passed_over(value: bytes | None) -> None:
    assert letter_of(record(value)) is None


@pytest.mark.parametrize(
    ("selection", "meant"),
    [
        (Selection(), True),
        (Selection("job-1"), True),
        (Selection("1@17"), True),
        (Selection("1@1"), False),
        (Selection("job-2"), False),
        (Selection(reason="fatal", type="send-mail"), True),
        (Selection(reason="poison"), False),
        (Selection(type="other"), False),
        (Selection("job-1", reason="poison"), False),
    ],
)
def test_a_selection_means_what_fits_all_of_it(selection: Selection, meant: bool) -> None:  # noqa: FBT001 - a table of cases
    assert selection.has(letter()) == meant
