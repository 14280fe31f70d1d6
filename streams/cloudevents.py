"""The headers of an event: CloudEvents in binary mode, and the W3C trace context.

Source: CloudEvents 1.0.2, "Kafka Protocol Binding"; RFC 3339; W3C Trace Context.
"""

from datetime import UTC, datetime
from functools import lru_cache

TYPE_PREFIX = "joblog."

_Header = tuple[str, bytes | None]


def headers_for(
    event_name: str, event_id: str, time_ms: int, source: str, traceparent: str | None = None
) -> list[_Header]:
    """Return the headers of an event.

    Args:
        event_name: name of the event, such as ``JobSubmitted``.
        event_id: its event id.
        time_ms: its time, in ms since the Unix epoch.
        source: who made it, a URI reference such as ``/joblog/scheduler``.
        traceparent: W3C trace context; None for none.
    """
    second, millisecond = divmod(time_ms, 1_000)
    headers: list[_Header] = [
        ("ce_id", event_id.encode()),
        ("ce_time", b"%b.%03dZ" % (_date_and_time(second), millisecond)),
        *_same_for_all(event_name, source),
    ]
    if traceparent is not None:
        headers.append(("traceparent", traceparent.encode()))
    return headers


@lru_cache(maxsize=1_024)
def _same_for_all(event_name: str, source: str) -> tuple[_Header, ...]:
    return (
        ("ce_type", (TYPE_PREFIX + event_name).encode()),
        ("ce_source", source.encode()),
        ("ce_specversion", b"1.0"),
        ("content-type", b"application/avro"),
    )


@lru_cache(maxsize=1_024)
def _date_and_time(second: int) -> bytes:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S").encode()
