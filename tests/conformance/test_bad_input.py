"""Bad input stops nothing and loses nothing, in memory and on Kafka."""

from joblog.lifecycle.partitioner import partition_of
from joblog.schemas.models import (
    AttemptFailed,
    AttemptSucceeded,
    Failure,
    JobCancelRequested,
    JobDispatched,
    OwnerAnnounced,
)
from joblog.streams.records import Inbound
from tests.conformance.conftest import OpenJoblog
from tests.conformance.joblog import CODEC, Joblog, partition_goes_on

FATAL = Failure(kind="error", type="ValueError", message="broken", retryable=False)
HEADERS = (("who", b"\xff"), ("null", None))


async def assert_dead_lettered_as_it_was(joblog: Joblog, record: Inbound, reason: str) -> str:
    """The record is on the dead-letter topic, byte for byte; its partition goes on. Returns the detail."""
    letter = await joblog.letter_about(record)
    original = letter.original
    assert letter.reason == reason
    assert (original.key, original.value, original.timestamp) == (
        record.key,
        record.value,
        record.timestamp,
    )
    assert tuple((header.key, header.value) for header in original.headers) == record.headers
    (stands,) = (
        found
        for found in joblog.records(joblog.topics.dead_letters.name)
        if CODEC.decode(found.value or b"") == letter
    )
    assert stands.partition == record.partition
    await partition_goes_on(joblog, record.partition)
    return letter.detail


async def test_what_is_no_event_is_poison(joblog: Joblog) -> None:
    event = CODEC.encode(joblog.submission("job"))
    for value in (
        b"no Avro at all",
        b"",
        None,
        event[:2],
        event[:9],
        event[:10],
        event[:-1],
        event[:-10],
        event + b"\x00",
    ):
        record = await joblog.append_raw(b"job", value, headers=HEADERS)
        detail = await assert_dead_lettered_as_it_was(joblog, record, "poison")
        assert "not an event" in detail
    assert joblog.row("job") is None


async def test_an_event_under_a_key_that_is_not_its_job_is_illegal(joblog: Joblog) -> None:
    for key in (None, b"", b"another job"):
        record = await joblog.append_raw(key, CODEC.encode(joblog.submission("job")))
        detail = await assert_dead_lettered_as_it_was(joblog, record, "illegal")
        assert "have its id as key" in detail
    assert joblog.row("job") is None


async def test_an_event_of_an_unknown_job_is_dead_lettered(joblog: Joblog) -> None:
    record = await joblog.append(
        JobCancelRequested(**joblog.head(), job_id="never submitted", requested_by="ops")
    )
    await assert_dead_lettered_as_it_was(joblog, record, "unknown_job")


async def test_an_event_that_belongs_on_another_topic_is_illegal(joblog: Joblog) -> None:
    await joblog.announce("mail")
    await joblog.submit("job")
    dispatch = await joblog.dispatched("job")
    misplaced = await joblog.append(dispatch)
    await assert_dead_lettered_as_it_was(joblog, misplaced, "illegal")
    owner = OwnerAnnounced(**joblog.head(), partition=0, url="http://127.0.0.1", epoch=1)
    misplaced = await joblog.append_raw(None, CODEC.encode(owner), partition=0)
    await assert_dead_lettered_as_it_was(joblog, misplaced, "illegal")


async def test_a_submission_with_dependencies_is_unsupported(joblog: Joblog) -> None:
    record = await joblog.submit("job", dependencies=("another",))
    await assert_dead_lettered_as_it_was(joblog, record, "unsupported")


async def test_a_duplicate_submission_changes_nothing(joblog: Joblog) -> None:
    await joblog.announce("mail")
    submitted = await joblog.submit("job", payload=b"first")
    first = await joblog.dispatched("job")
    await joblog.submit("job", payload=b"second")
    await joblog.report(AttemptSucceeded, first, started_at=1)
    await joblog.status("job", "succeeded")
    await joblog.submit("job", payload=b"third")
    await joblog.settle()
    (only,) = joblog.events(joblog.topics.work("default").name, JobDispatched)
    assert only.submission == submitted.value
    assert joblog.letters("job") == []


async def test_stale_outcomes_change_nothing(joblog: Joblog) -> None:
    await joblog.announce("mail")
    await joblog.submit("job")
    dispatch = await joblog.dispatched("job")
    for wrong in ({"attempt": 2}, {"attempt": 7}):
        await joblog.report(AttemptSucceeded, dispatch, started_at=1, **wrong)
    other = dispatch.model_copy(update={"generation": 2})
    await joblog.report(AttemptFailed, other, started_at=1, failure=FATAL)
    await joblog.settle()
    await joblog.status("job", "dispatched")
    await joblog.report(AttemptSucceeded, dispatch, started_at=1, result=b"first")
    await joblog.report(AttemptFailed, dispatch, started_at=1, failure=FATAL)
    await joblog.report(AttemptSucceeded, dispatch, started_at=1, result=b"second")
    await joblog.settle()
    assert (await joblog.status("job", "succeeded")).result == b"first"
    assert joblog.letters("job") == []


async def test_a_submission_in_the_wrong_partition_is_forwarded_once(joblog: Joblog) -> None:
    await joblog.announce("mail")
    event = joblog.submission("job")
    right = joblog.partition_of("job")
    wrong = 1 - right
    headers = (("ce_id", event.event_id.encode()), ("own", b"1"), ("null", None))
    sent = await joblog.append_raw(b"job", CODEC.encode(event), partition=wrong, headers=headers)
    await joblog.dispatched("job")
    await joblog.settle()
    copies = [record for record in joblog.read(sent.topic, right) if record.key == b"job"]
    (copy,) = copies
    assert (copy.value, copy.headers) == (sent.value, sent.headers)
    assert len([record for record in joblog.read(sent.topic, wrong) if record.key == b"job"]) == 1
    (work,) = joblog.records(joblog.topics.work("default").name)
    assert work.partition == right == partition_of(b"job", joblog.settings.partitions)


async def test_a_job_of_an_unknown_type_waits_until_it_is_declared(joblog: Joblog) -> None:
    await joblog.submit("job", "rare")
    await joblog.settle()
    await joblog.status("job", "pending")
    await joblog.announce("rare")
    await joblog.dispatched("job")


async def test_a_type_that_nobody_declares_in_time_dead_letters_its_jobs(
    open_joblog: OpenJoblog,
) -> None:
    joblog = await open_joblog(unknown_type_grace_ms=100)
    submitted = await joblog.submit("job", "rare")
    letter = await joblog.letter("job", "unknown_type")
    assert letter.time >= submitted.timestamp + 100
    assert letter.original.value == submitted.value
    assert "'rare'" in letter.detail
