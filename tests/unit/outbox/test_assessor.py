"""What can be published is, and what cannot be harms nothing around it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from joblog.schemas.avro_schema import AvroSchema
from joblog.schemas.codec import Codec
from joblog.schemas.framing import frame
from joblog.schemas.models import JobCancelRequested
from tests.unit.outbox.made import MAX_BYTES, Mail, assessor, entry_of, waiting

GOOD = entry_of()
CANCEL = JobCancelRequested(event_id="1", time=1, job_id="job", requested_by="me")
OTHER = AvroSchema.of({"type": "record", "name": "Other", "fields": []})


def reason_of(**columns: Any) -> str:  # noqa: ANN401 - of any type
    """Return why an entry with such columns, between two good ones, is refused."""
    entries = [waiting(1), waiting(2, **columns), waiting(3)]
    publishable, [refusal] = assessor().batch(entries, MAX_BYTES)
    assert [entry.position for entry in publishable] == [1, 3]
    assert refusal.position == 2
    return refusal.reason


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (b"", "0 bytes that begin with nothing"),
        (b"garbage", "not an event"),
        (GOOD.record[:-1], "not an event"),
        (GOOD.record + b"x", "not an event"),
        (Codec().encode(CANCEL), "its record is a JobCancelRequested"),
        (frame(b"12345678", b"of a later version"), "3132333435363738"),
    ],
)
def test_a_record_that_is_no_submission_is_refused(record: bytes, reason: str) -> None:
    assert reason in reason_of(record=record)


@pytest.mark.parametrize(
    ("definition", "reason"),
    [
        ("", "no Avro schema (JSONDecodeError"),
        ("[]", "no Avro schema"),
        ('{"type": "record"}', "no Avro schema"),
        (OTHER.to_json(), f"not of {OTHER.fingerprint.hex()}"),
    ],
)
def test_a_schema_that_is_none_or_not_the_payload_s_is_refused(
    definition: str, reason: str
) -> None:
    assert reason in reason_of(payload_schema=definition)


def test_what_the_log_does_not_take_is_refused() -> None:
    large = entry_of(Mail(to="a", body="x" * 2_000))
    _, [refusal] = assessor().batch([waiting(1), waiting(2, large)], 1_024)
    assert refusal.position == 2
    assert "too large for joblog.events, which takes 1024" in refusal.reason
    assert "too large for joblog.events" in reason_of(traceparent="x" * 2 * MAX_BYTES)


@given(
    st.lists(
        st.tuples(
            st.one_of(st.just(GOOD.record), st.binary(max_size=50)),
            st.one_of(st.just(GOOD.payload_schema), st.text(max_size=50)),
            st.one_of(st.none(), st.text(st.characters(codec="utf-8"), max_size=50)),
        ),
        max_size=5,
    ),
    st.binary(max_size=3),
    st.integers(0, len(GOOD.record)),
)
def test_whatever_stands_in_the_table_each_entry_is_published_or_refused(
    columns: list[tuple[bytes, str, str | None]], noise: bytes, at: int
) -> None:
    damaged = GOOD.record[:at] + noise + GOOD.record[at + len(noise) :]
    columns.append((damaged, GOOD.payload_schema, None))
    entries = [
        waiting(position, record=record, payload_schema=schema, traceparent=traceparent)
        for position, (record, schema, traceparent) in enumerate(columns)
    ]
    publishable, refusals = assessor().batch(entries, MAX_BYTES)
    positions = sorted(
        [*(one.position for one in publishable), *(one.position for one in refusals)]
    )
    assert positions == list(range(len(entries)))
    for one in publishable:
        assert one.record.value == columns[one.position][0]


def test_equal_definitions_are_one_schema_that_need_not_be_compared_again() -> None:
    publishable, _ = assessor().batch([waiting(1), waiting(2)], MAX_BYTES)
    assert publishable[0].schema is publishable[1].schema
