import pytest

from joblog.lifecycle.delays import TIERS
from joblog.lifecycle.reasons import Reason
from joblog.lifecycle.records import LENGTHS
from joblog.processors.delays.backlog import Entry, TierBacklog
from joblog.processors.delays.outbound import Addresses
from joblog.processors.delays.records import Delayed, Refused, WakeUp, read
from joblog.processors.delays.steps import DeadLetter, Hop, Wake
from joblog.schemas.codec import Codec
from joblog.schemas.framing import frame
from joblog.schemas.models import (
    Cause,
    DelayElapsed,
    JobCancelRequested,
    JobDeadLettered,
    JobDeferred,
    RetryScheduled,
    Tick,
)
from joblog.streams.errors import RecordTooLargeError
from joblog.streams.memory.log import MemoryLog
from joblog.streams.memory.publisher import MemoryPublisher
from joblog.streams.records import Inbound
from joblog.streams.settings import Settings
from joblog.streams.topics import TopicMap

CODEC = Codec()
TOPICS = TopicMap.of(Settings(namespace="t", partitions=4))
ADDRESSES = Addresses(TOPICS, CODEC)
TRACEPARENT = ("traceparent", b"00-11111111111111111111111111111111-2222222222222222-01")
RETRY = RetryScheduled(event_id="e", time=5, job_id="job", generation=2, attempt=3, due=9_000)
DEFERRED = JobDeferred(event_id="e", time=5, job_id="job", due=9_000, correlation_id="c")


def record_of(
    value: bytes | None, headers: tuple[tuple[str, bytes | None], ...] = (TRACEPARENT,)
) -> Inbound:
    return Inbound("t.delay.1s", 3, 42, 1_700_000_000_000, b"job", value, headers)


def entry_of(item: Delayed | Refused) -> Entry:
    return TierBacklog(TIERS[1], read_ahead=10).add(item)


def wake_up_in(record: Inbound) -> WakeUp:
    delayed = read(record, CODEC)
    assert isinstance(delayed, Delayed)
    return delayed.wake_up


@pytest.mark.parametrize(
    ("event", "attempt", "generation", "correlation_id"),
    [(RETRY, 3, 2, None), (DEFERRED, 1, 1, "c")],
)
def test_a_job_wakes_for_the_attempt_it_waits_for(
    event: JobDeferred | RetryScheduled, attempt: int, generation: int, correlation_id: str | None
) -> None:
    record = record_of(CODEC.encode(event))
    delayed = read(record, CODEC)
    assert isinstance(delayed, Delayed)
    topic, partition, key, value, headers = ADDRESSES.outbound(
        Wake(entry_of(delayed), delayed.wake_up)
    )
    assert (topic, partition, key) == ("t.events", 3, b"job")
    assert CODEC.decode(value or b"") == DelayElapsed(
        event_id="t.delay.1s-3-42",
        time=9_000,
        job_id="job",
        generation=generation,
        attempt=attempt,
        due=9_000,
        cause=Cause(topic="t.delay.1s", partition=3, offset=42),
        correlation_id=correlation_id,
    )
    assert TRACEPARENT in headers
    assert ("ce_source", b"/joblog/delays") in headers


def test_a_hop_keeps_the_record_as_it_is() -> None:
    record = record_of(CODEC.encode(RETRY), (TRACEPARENT, ("x", b"1"), ("y", None)))
    delayed = read(record, CODEC)
    assert isinstance(delayed, Delayed)
    hop = Hop(entry_of(delayed), record, TIERS[4])
    assert ADDRESSES.possible(hop) is hop
    assert ADDRESSES.outbound(hop) == (
        "t.delay.10m",
        3,
        b"job",
        record.value,
        [TRACEPARENT, ("x", b"1"), ("y", None)],
    )


@pytest.mark.parametrize(
    ("value", "reason", "job_id"),
    [
        (None, Reason.POISON, ""),
        (b"garbage", Reason.POISON, ""),
        (CODEC.encode(RETRY)[:-1], Reason.POISON, ""),
        (frame(b"unknown!", b"body"), Reason.UNKNOWN_SCHEMA, ""),
        (CODEC.encode(Tick(event_id="e", time=1)), Reason.ILLEGAL, ""),
        (
            CODEC.encode(JobCancelRequested(event_id="e", time=1, job_id="job", requested_by="me")),
            Reason.ILLEGAL,
            "job",
        ),
    ],
)
def test_what_does_not_belong_is_dead_lettered_as_it_was(
    value: bytes | None, reason: Reason, job_id: str
) -> None:
    record = record_of(value, (TRACEPARENT, ("x", None)))
    refused = read(record, CODEC)
    assert isinstance(refused, Refused)
    topic, partition, key, letter_value, headers = ADDRESSES.outbound(
        DeadLetter(entry_of(refused), refused)
    )
    letter = CODEC.decode(letter_value or b"")
    assert isinstance(letter, JobDeadLettered)
    assert (topic, partition, key) == ("t.dlq", 3, job_id.encode() or None)
    assert (letter.reason, letter.job_id, letter.event_id) == (reason, job_id, "t.delay.1s-3-42")
    assert letter.cause == Cause(topic="t.delay.1s", partition=3, offset=42)
    original = letter.original
    assert (original.topic, original.partition, original.offset) == ("t.delay.1s", 3, 42)
    assert (original.timestamp, original.key, original.value) == (
        record.timestamp,
        b"job",
        value,
    )
    assert [(header.key, header.value) for header in original.headers] == list(record.headers)
    assert letter.detail
    assert TRACEPARENT in headers


def test_a_dead_letter_has_all_that_those_of_the_scheduler_have() -> None:
    request = JobCancelRequested(
        event_id="e", time=1, job_id="job", requested_by="me", correlation_id="c"
    )
    record = record_of(CODEC.encode(request))
    refused = Refused(record, Reason.ILLEGAL, "\udcff" + "x" * 5_000, request)
    _, _, _, value, headers = ADDRESSES.outbound(DeadLetter(entry_of(refused), refused))
    letter = CODEC.decode(value or b"")
    assert isinstance(letter, JobDeadLettered)
    assert letter.correlation_id == "c"
    assert letter.detail == "?" + "x" * 2_047
    assert dict(headers)["kafka_dlt-original-topic"] == b"t.delay.1s"
    assert dict(headers)["kafka_dlt-original-offset"] == (42).to_bytes(8, "big")
    assert dict(headers)["kafka_dlt-exception-fqcn"] == b"illegal"


def test_a_record_that_the_next_topic_does_not_take_is_dead_lettered() -> None:
    limits = {
        "max_submission_bytes": 1_024,
        "max_record_bytes": 70_000,
        "max_dead_letter_bytes": 140_000,
    }
    addresses = Addresses(TopicMap.of(Settings(namespace="t", limits=limits)), CODEC)
    record = record_of(CODEC.encode(RETRY), (("x", b"x" * 140_000),))
    delayed = read(record, CODEC)
    assert isinstance(delayed, Delayed)
    step = addresses.possible(Hop(entry_of(delayed), record, TIERS[4]))
    assert isinstance(step, DeadLetter)
    topic, _, _, value, _ = addresses.outbound(step)
    letter = CODEC.decode(value or b"")
    assert isinstance(letter, JobDeadLettered)
    assert (topic, letter.reason) == ("t.dlq", Reason.TOO_LARGE)
    assert letter.original.value is None
    assert "value left out" in letter.detail


async def test_a_hop_is_measured_as_the_publisher_measures_it() -> None:
    """Header names count in bytes, where characters would be fewer."""
    publisher = MemoryPublisher(MemoryLog(TOPICS, lambda: 1), TOPICS)
    limit = TOPICS.delay(TIERS[4]).max_record_bytes
    fits, too_large = hop_of_size(limit), hop_of_size(limit + 1)
    assert ADDRESSES.possible(fits) is fits
    await publisher.publish([ADDRESSES.outbound(fits)])
    with pytest.raises(RecordTooLargeError):
        await publisher.publish([ADDRESSES.outbound(too_large)])
    assert isinstance(ADDRESSES.possible(too_large), DeadLetter)


def hop_of_size(size: int) -> Hop:
    """Make a hop of so many bytes, with a header name of fewer characters than bytes."""
    name, value = "ä" * 1_000, CODEC.encode(RETRY)
    room = size - len(b"job") - len(value) - len(name.encode()) - len("pad") - 3 * LENGTHS
    record = record_of(value, ((name, None), ("pad", bytes(room))))
    delayed = read(record, CODEC)
    assert isinstance(delayed, Delayed)
    return Hop(entry_of(delayed), record, TIERS[4])


def test_a_wake_up_has_no_bytes_of_its_record() -> None:
    wake_up = wake_up_in(record_of(CODEC.encode(RETRY)))
    assert not any(isinstance(part, bytes) for part in wake_up)
