"""The headers of events."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from joblog.streams.cloudevents import headers_for

LAST_MS = 253_402_300_799_999  # of the year 9999, the last that RFC 3339 can write
TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def test_all_attributes_of_binary_mode() -> None:
    headers = headers_for("JobSubmitted", "id-1", 1_700_000_000_007, "/shop", TRACEPARENT)
    assert dict(headers) == {
        "ce_id": b"id-1",
        "ce_type": b"joblog.JobSubmitted",
        "ce_source": b"/shop",
        "ce_specversion": b"1.0",
        "ce_time": b"2023-11-14T22:13:20.007Z",
        "content-type": b"application/avro",
        "traceparent": TRACEPARENT.encode(),
    }
    assert len(headers) == 7


def test_no_trace_context_no_header() -> None:
    assert "traceparent" not in dict(headers_for("Tick", "id-1", 0, "/joblog"))


def test_callers_may_add_headers_of_their_own() -> None:
    headers_for("Tick", "id-1", 0, "/joblog").append(("more", b"1"))
    assert "more" not in dict(headers_for("Tick", "id-1", 0, "/joblog"))


@given(st.integers(0, LAST_MS))
def test_a_time_is_rfc_3339_to_the_millisecond(time_ms: int) -> None:
    text = (dict(headers_for("Tick", "id-1", time_ms, "/joblog"))["ce_time"] or b"").decode()
    assert text.endswith("Z")
    assert len(text) == len("2023-11-14T22:13:20.007Z")
    since_epoch = datetime.fromisoformat(text) - datetime(1970, 1, 1, tzinfo=UTC)
    assert (since_epoch.days * 86_400 + since_epoch.seconds) * 1_000 + (
        since_epoch.microseconds // 1_000
    ) == time_ms
