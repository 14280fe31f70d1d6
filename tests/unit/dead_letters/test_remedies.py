from itertools import count

from joblog.processors.dead_letters.letters import DeadLetter
from joblog.processors.dead_letters.remedies import REDRIVEN_FROM, Remedies, Request
from joblog.schemas.codec import Codec
from joblog.schemas.models import (
    DeadLetterDiscarded,
    Header,
    JobDeadLettered,
    JobRedriven,
    OriginalRecord,
)

HEADERS = (
    Header(key="ce_id", value=b"1"),
    Header(key=REDRIVEN_FROM, value=b"0@1"),
    Header(key="null", value=None),
)
LETTER = DeadLetter(
    2,
    7,
    9,
    JobDeadLettered(
        event_id="e",
        time=1,
        job_id="job-1",
        generation=3,
        reason="fatal",
        original=OriginalRecord(
            topic="x.events",
            partition=2,
            offset=4,
            timestamp=5,
            key=b"k",
            value=b"v",
            headers=HEADERS,
        ),
    ),
)
REQUEST = Request("ada", "mended")


def remedies() -> Remedies:
    ids = count(1)
    return Remedies("x.events", lambda: f"id-{next(ids)}", lambda: 1_000)


def test_a_job_is_redriven_as_its_next_generation() -> None:
    record = remedies().redrive_job(LETTER, REQUEST)
    assert (record.topic, record.partition, record.key) == ("x.events", 2, b"job-1")
    assert Codec().decode(record.value or b"") == JobRedriven(
        event_id="id-1",
        time=1_000,
        job_id="job-1",
        generation=4,
        requested_by="ada",
        reason="mended",
    )


def test_a_job_s_dead_letter_is_discarded_by_its_generation() -> None:
    record = remedies().discard_job(LETTER, REQUEST)
    assert Codec().decode(record.value or b"") == DeadLetterDiscarded(
        event_id="id-1",
        time=1_000,
        job_id="job-1",
        generation=3,
        requested_by="ada",
        reason="mended",
    )


def test_a_record_is_redriven_byte_for_byte_and_says_where_it_comes_from() -> None:
    record = remedies().redrive_record(LETTER, LETTER.event.original)
    assert (record.topic, record.partition, record.key, record.value) == (
        "x.events",
        2,
        b"k",
        b"v",
    )
    assert record.headers == [("ce_id", b"1"), ("null", None), (REDRIVEN_FROM, b"2@7")]
