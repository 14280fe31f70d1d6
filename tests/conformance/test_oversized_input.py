"""Input that is well-formed and absurdly large or far away stops nothing, in memory and on Kafka."""

from joblog.schemas.models import (
    AttemptFailed,
    AttemptStarted,
    AttemptSucceeded,
    Failure,
    JobCancelRequested,
    RetryPolicy,
)
from joblog.streams.memory.log import batch_bytes
from tests.conformance.conftest import OpenJoblog
from tests.conformance.joblog import CODEC, Joblog, partition_goes_on

KIB = 1_024
BROKEN = Failure(kind="error", type="ValueError", message="broken")


async def test_a_submission_above_the_limit_is_dead_lettered(open_joblog: OpenJoblog) -> None:
    joblog = await open_joblog(max_submission_bytes=KIB)
    await joblog.announce("mail")
    record = await joblog.submit("large", payload=bytes(KIB))
    letter = await joblog.letter_about(record)
    assert (letter.reason, letter.original.value) == ("too_large", record.value)
    assert "1024 are allowed" in letter.detail
    await partition_goes_on(joblog, record.partition)


async def test_an_output_too_large_to_send_dead_letters_its_job(joblog: Joblog) -> None:
    await joblog.announce("mail")
    await joblog.announce_limits(max_record_bytes=2_000)
    submitted = await joblog.submit("large", payload=bytes(3_000))
    letter = await joblog.letter("large", "too_large")
    assert letter.original.value == submitted.value
    assert "2000 are allowed" in letter.detail
    assert joblog.dispatches() == {}
    await joblog.status("large", "dead_lettered")
    await partition_goes_on(joblog, submitted.partition)


async def test_what_waits_on_and_no_longer_fits_dead_letters_its_job(joblog: Joblog) -> None:
    await joblog.announce("mail", retry_policy=RetryPolicy(initial_delay_ms=600_000, jitter=0))
    submitted = await joblog.submit("job")
    failure = Failure(kind="error", type="E", message="x" * 2_000)
    await joblog.report(
        AttemptFailed, await joblog.dispatched("job"), started_at=1, failure=failure
    )
    due = (await joblog.status("job", "retrying")).due
    assert due is not None
    await joblog.announce_limits(max_record_bytes=2_000)
    await joblog.wake("job", attempt=2, due=due)
    letter = await joblog.letter("job", "too_large")
    assert letter.original.value == submitted.value
    await partition_goes_on(joblog, submitted.partition)


async def test_a_dead_letter_too_large_to_send_says_where_the_original_is(joblog: Joblog) -> None:
    await joblog.announce_limits(max_dead_letter_bytes=1_000)
    record = await joblog.append_raw(b"key", bytes(2_000))
    letter = await joblog.letter_about(record)
    assert letter.reason == "poison"
    assert letter.original.value is None
    assert f"{record.topic}/{record.partition}@{record.offset}" in letter.detail
    await partition_goes_on(joblog, record.partition)


async def test_a_huge_key_is_kept_but_not_spelled_out(joblog: Joblog) -> None:
    key = bytes(700 * KIB)
    record = await joblog.append_raw(key, CODEC.encode(joblog.submission("job")))
    letter = await joblog.letter_about(record)
    assert (letter.reason, letter.original.key) == ("illegal", key)
    await partition_goes_on(joblog, record.partition)


async def test_a_huge_list_of_dependencies_is_not_spelled_out(joblog: Joblog) -> None:
    dependencies = tuple("\U000e0001" * 500 for _ in range(400))
    record = await joblog.submit("job", dependencies=dependencies)
    letter = await joblog.letter_about(record)
    assert (letter.reason, letter.original.value) == ("unsupported", record.value)
    await partition_goes_on(joblog, record.partition)


async def test_a_huge_failure_message_does_not_crowd_out_the_original(joblog: Joblog) -> None:
    await joblog.announce("mail")
    submitted = await joblog.submit("job", payload=bytes(1_000 * KIB))
    failure = Failure(kind="error", type="E", message="x" * 1_000 * KIB, retryable=False)
    await joblog.report(
        AttemptFailed, await joblog.dispatched("job"), started_at=1, failure=failure
    )
    letter = await joblog.letter("job", "fatal")
    assert letter.original.value == submitted.value


async def test_a_misplaced_record_that_is_too_large_to_forward_is_dead_lettered(
    joblog: Joblog,
) -> None:
    """A broker takes a little more than joblog's own producers send."""
    event = JobCancelRequested(**joblog.head(), job_id="job", requested_by="ops")
    headers = (("large", bytes(75 * KIB)),)
    room = joblog.topics.events.max_message_bytes - batch_bytes(b"job", b"", headers) - 200
    event = event.model_copy(update={"reason": "x" * room})
    wrong = 1 - joblog.partition_of("job")
    record = await joblog.append_raw(b"job", CODEC.encode(event), wrong, headers)
    letter = await joblog.letter_about(record)
    assert letter.reason == "too_large"
    await partition_goes_on(joblog, record.partition)


async def test_a_huge_cancel_request_reaches_the_workers_in_brief(joblog: Joblog) -> None:
    await joblog.announce("mail")
    submitted = await joblog.submit("job")
    dispatch = await joblog.dispatched("job")
    room = joblog.topics.events.max_message_bytes - 1_000
    huge = JobCancelRequested(**joblog.head(), job_id="job", requested_by="ops", reason="x" * room)
    await joblog.append(huge)
    await joblog.until(lambda: joblog.records(joblog.topics.control.name))
    await joblog.report(AttemptSucceeded, dispatch, started_at=1)
    await joblog.status("job", "succeeded")
    await partition_goes_on(joblog, submitted.partition)


async def test_times_that_no_clock_reaches_are_poison(joblog: Joblog) -> None:
    longest = 2**63 - 1
    await joblog.announce("mail")
    await joblog.submit("job")
    dispatch = await joblog.dispatched("job")
    report = {**joblog.head(), "job_id": "job", "attempt": 1, "worker": "w1", "started_at": 1}
    started = AttemptStarted(**report, lease_ms=1)
    failed = AttemptFailed(**report, failure=BROKEN)
    never = joblog.submission("never")
    policy = RetryPolicy().model_copy(update={"initial_delay_ms": longest, "max_delay_ms": longest})
    for event in (
        started.model_copy(update={"lease_ms": longest}),
        failed.model_copy(update={"retry_after_ms": longest}),
        never.model_copy(update={"retry_policy": policy}),
        never.model_copy(update={"not_before": longest}),
        never.model_copy(update={"deadline": longest}),
    ):
        record = await joblog.append(event)
        letter = await joblog.letter_about(record)
        assert letter.reason == "poison"
        assert "less than or equal to" in letter.detail
    await joblog.report(AttemptSucceeded, dispatch, started_at=1)
    await joblog.status("job", "succeeded")
