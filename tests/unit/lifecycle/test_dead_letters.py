"""What a dead letter says of a record, and how large it may be."""

from joblog.lifecycle.decisions import Verdict
from joblog.schemas.models import JobCancelRequested, JobDeadLettered, JobDispatched
from tests.unit.lifecycle.partition_log import CODEC, TOPIC, PartitionLog, submission

HEADERS = (("own", b"1"), ("null", None))


def letter_of(log: PartitionLog) -> JobDeadLettered:
    (letter,) = log.emitted(JobDeadLettered)
    return letter


def test_it_holds_the_record_byte_for_byte() -> None:
    log = PartitionLog()
    folded = log.append_raw(b"\xff key", b"\xff value", HEADERS)
    assert folded.verdict == Verdict.REFUSED
    letter = letter_of(log)
    assert (letter.reason, letter.job_id, letter.generation) == ("poison", "", 0)
    original = letter.original
    assert (original.topic, original.partition, original.offset) == (TOPIC, 0, 1)
    assert (original.timestamp, original.key, original.value) == (
        log.now,
        b"\xff key",
        b"\xff value",
    )
    assert tuple((header.key, header.value) for header in original.headers) == HEADERS
    (emission,) = folded.emissions
    assert (emission.partition, emission.key) == (0, None)


def test_its_headers_say_where_it_comes_from_and_why() -> None:
    log = PartitionLog()
    (emission,) = log.append_raw(b"key", b"no event").emissions
    headers = dict(emission.headers)
    assert headers["kafka_dlt-original-topic"] == TOPIC.encode()
    assert headers["kafka_dlt-original-partition"] == b"\0\0\0\0"
    assert headers["kafka_dlt-original-offset"] == (1).to_bytes(8, "big")
    assert headers["kafka_dlt-original-timestamp"] == log.now.to_bytes(8, "big")
    assert headers["kafka_dlt-exception-fqcn"] == b"poison"
    assert headers["kafka_dlt-exception-message"] == letter_of(log).detail[:256].encode()


def test_the_headers_name_the_failure_of_a_job() -> None:
    log = PartitionLog()
    log.announce("mail")
    log.submit()
    (emission,) = log.fail(retryable=False).emissions
    assert dict(emission.headers)["kafka_dlt-exception-fqcn"] == b"ValueError"


def test_a_null_value_is_poison() -> None:
    log = PartitionLog()
    log.append_raw(b"job", None)
    assert letter_of(log).reason == "poison"
    assert letter_of(log).original.value is None


def test_it_names_the_job_where_the_record_does() -> None:
    log = PartitionLog()
    event = JobCancelRequested(**log.head(), job_id="never", requested_by="ops")
    (emission,) = log.append(event).emissions
    assert emission.key == b"never"
    letter = letter_of(log)
    assert (letter.reason, letter.job_id, letter.generation) == ("unknown_job", "never", 1)


def test_an_event_under_another_key_is_illegal() -> None:
    log = PartitionLog()
    for key in (None, b"", b"other"):
        log.append_raw(key, CODEC.encode(submission(log.head(), "job", "mail")))
    assert [letter.reason for letter in log.emitted(JobDeadLettered)] == ["illegal"] * 3
    assert log.fold.row("job") is None


def test_an_event_of_another_topic_is_illegal() -> None:
    log = PartitionLog()
    log.announce("mail")
    log.submit()
    (dispatch,) = log.emitted(JobDispatched)
    log.append(dispatch)
    assert letter_of(log).reason == "illegal"
    assert "JobDispatched may not stand on the events topic" in letter_of(log).detail


def test_what_it_quotes_is_clipped() -> None:
    log = PartitionLog()
    value = CODEC.encode(submission(log.head(), "job", "mail"))
    log.append_raw(bytes(1_000_000), value)
    letter = letter_of(log)
    assert len(letter.original.key or b"") == 1_000_000
    assert len(letter.detail) < 1_000
    assert letter.detail.endswith("have its id as key")

    log = PartitionLog()
    log.announce("mail")
    log.submit()
    log.fail(failure={"kind": "error", "type": "E", "message": "m" * 99_999, "retryable": False})
    assert len(letter_of(log).detail) == 2_048


def test_one_above_the_limit_leaves_the_value_out_and_says_where_it_is() -> None:
    log = PartitionLog()
    log.limit(max_dead_letter_bytes=500)
    log.append_raw(b"key", bytes(400), HEADERS)
    letter = letter_of(log)
    assert (letter.original.value, letter.original.headers) == (None, ())
    assert letter.original.key == b"key"
    assert letter.detail.endswith(f"(value left out, it is at {TOPIC}/0@2)")


def test_an_output_above_the_limit_dead_letters_its_job() -> None:
    log = PartitionLog()
    log.announce("mail")
    log.limit(max_record_bytes=1_000)
    log.submit("small", payload=bytes(500))
    log.submit("large", payload=bytes(1_500))
    assert log.dispatched() == ["small"]
    letter = letter_of(log)
    assert (letter.job_id, letter.reason, letter.attempts) == ("large", "too_large", 0)
    assert "1000 are allowed" in letter.detail
    assert log.row("large").status == "dead_lettered"
    assert log.fold.in_flight == {"default": 1}
    assert log.fold.waiting == {}


def test_an_output_at_the_limit_is_sent() -> None:
    log = PartitionLog()
    log.announce("mail")
    log.submit("a", payload=bytes(1_500))
    (emission,) = log.emissions
    size = len(emission.value or b"")
    for version, limit in enumerate((size, size - 1), 1):
        log.limit(version, max_record_bytes=limit)
        log.submit("bc"[version - 1], payload=bytes(1_500))
    assert log.dispatched() == ["a", "b"]
    assert letter_of(log).job_id == "c"


def test_a_submission_above_the_limit_is_refused() -> None:
    log = PartitionLog()
    log.limit(max_submission_bytes=1_000)
    assert log.submit(payload=bytes(1_000)).verdict == Verdict.REFUSED
    assert letter_of(log).reason == "too_large"
    assert log.fold.row("job") is None


def test_a_record_that_is_too_large_to_pass_on_is_refused() -> None:
    log = PartitionLog(partitions=8)
    log.limit(max_submission_bytes=1_000)
    event = JobCancelRequested(**log.head(), job_id="job", requested_by="ops", reason="x" * 1_000)
    assert log.append(event).verdict == Verdict.REFUSED
    assert letter_of(log).reason == "too_large"
