"""How a job begins."""

from joblog.lifecycle.decisions import Verdict
from joblog.lifecycle.outputs import Destination
from joblog.schemas.models import JobDeadLettered, JobDeferred, JobDispatched, JobExpired
from tests.unit.lifecycle.partition_log import CODEC, PartitionLog, submission

HEADERS = (
    ("ce_id", b"e1"),
    ("content-type", b"application/avro"),
    ("traceparent", b"00-trace-span-01"),
    ("own", b"1"),
    ("null", None),
)


def announced() -> PartitionLog:
    log = PartitionLog()
    log.announce("mail")
    return log


def test_a_job_of_a_known_type_is_dispatched_at_once() -> None:
    log = announced()
    folded = log.submit("job", priority=7, queue="slow", tenant="acme", labels={"a": "1"})
    assert folded.verdict == Verdict.CHANGED
    assert log.row().status == "dispatched"
    (emission,) = folded.emissions
    assert (emission.destination, emission.name) == (Destination.WORK, "default")
    assert (emission.partition, emission.key) == (0, b"job")
    (dispatch,) = log.emitted(JobDispatched)
    assert dispatch.attempt == 1
    assert dispatch.submission == log.records[-1].value, "byte for byte, whatever it says"
    assert dispatch.submitted_at == log.now
    assert dispatch.cause.offset == log.records[-1].offset


def test_the_lane_is_the_types() -> None:
    log = PartitionLog()
    log.limit()
    log.announce("mail", lane="bulk")
    (emission,) = log.submit().emissions
    assert emission.name == "bulk"


def test_a_job_of_an_unknown_type_waits_for_it() -> None:
    log = PartitionLog()
    assert log.submit("job", "rare").emissions == []
    assert log.row().status == "pending"
    log.announce("rare")
    assert log.dispatched() == ["job"]


def test_a_job_with_a_time_in_the_future_is_deferred() -> None:
    log = announced()
    log.submit(not_before=log.now + 1_500)
    assert (log.row().status, log.row().due) == ("scheduled", log.now + 1_500)
    (emission,) = log.emissions
    assert (emission.destination, emission.name) == (Destination.DELAY, "1s")
    (deferred,) = log.emitted(JobDeferred)
    assert deferred.due == log.now + 1_500


def test_a_job_whose_time_has_come_is_not_deferred() -> None:
    log = announced()
    log.submit(not_before=log.now)
    assert log.row().status == "dispatched"


def test_a_deferred_job_is_dispatched_when_it_is_due_and_sent_back_before() -> None:
    log = announced()
    log.submit(not_before=log.now + 5_000)
    log.now += 4_999
    assert log.wake().verdict == Verdict.KEPT
    assert log.row().status == "scheduled"
    assert [event.due for event in log.emitted(JobDeferred)] == [log.now + 1, log.now + 1]
    log.now += 1
    log.wake()
    assert log.dispatched() == ["job"]


def test_a_job_whose_deadline_has_passed_expires_at_once() -> None:
    log = announced()
    log.submit(deadline=log.now)
    assert log.row().status == "expired"
    (expired,) = log.emitted(JobExpired)
    assert (expired.deadline, expired.attempts) == (log.now, 0)
    assert log.dispatched() == []


def test_a_second_submission_of_a_job_changes_nothing() -> None:
    log = announced()
    log.submit(payload=b"first")
    before = log.row()
    folded = log.submit(payload=b"second")
    assert (folded.verdict, folded.emissions) == (Verdict.DUPLICATE, [])
    assert log.row() == before


def test_a_submission_of_a_later_generation_is_illegal() -> None:
    log = announced()
    assert log.submit(generation=2).verdict == Verdict.REFUSED
    (letter,) = log.emitted(JobDeadLettered)
    assert letter.reason == "illegal"
    assert log.fold.row("job") is None


def test_a_row_keeps_the_submission_and_what_its_headers_say_beyond_it() -> None:
    log = PartitionLog()
    value = CODEC.encode(submission(log.head(), "job", "rare"))
    log.append_raw(b"job", value, HEADERS)
    row = log.row()
    assert row.opening.submission == value
    assert row.opening.traceparent == "00-trace-span-01"
    assert [(header.key, header.value) for header in row.opening.headers] == [
        ("own", b"1"),
        ("null", None),
    ]


def test_an_absurd_traceparent_is_left_out() -> None:
    log = PartitionLog()
    value = CODEC.encode(submission(log.head(), "job", "rare"))
    log.append_raw(b"job", value, (("traceparent", b"x" * 129),))
    assert log.row().opening.traceparent is None


def test_headers_above_the_limit_are_refused() -> None:
    log = announced()
    value = CODEC.encode(submission(log.head(), "job", "mail"))
    most = (("own", b"x" * (32_768 - 3 - 10)),)
    assert log.append_raw(b"job", value, most).verdict == Verdict.CHANGED
    value = CODEC.encode(submission(log.head(), "other", "mail"))
    assert log.append_raw(b"other", value, (*most, ("", None))).verdict == Verdict.REFUSED
    (letter,) = log.emitted(JobDeadLettered)
    assert letter.reason == "too_large"


def test_a_submission_in_the_wrong_partition_is_passed_on_as_it_is() -> None:
    log = PartitionLog(partitions=8)
    value = CODEC.encode(submission(log.head(), "job", "mail"))
    folded = log.append_raw(b"job", value, HEADERS)
    assert folded.verdict == Verdict.FORWARDED
    (emission,) = folded.emissions
    assert emission.destination == Destination.EVENTS
    assert emission.partition != 0
    assert (emission.key, emission.value, emission.headers) == (b"job", value, HEADERS)
    assert log.fold.row("job") is None
