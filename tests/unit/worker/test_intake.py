"""What is read of a work topic is sorted: attempts, repeats, losses, dead letters, and what has to wait."""

import asyncio
from collections.abc import Callable

import pytest
from aiokafka import TopicPartition
from pydantic import BaseModel

from joblog.lifecycle.reasons import Reason
from joblog.processors.worker.attempt import Attempt
from joblog.processors.worker.buffer import PriorityBuffer
from joblog.processors.worker.claims import Claim, ClaimLedger
from joblog.processors.worker.claims.claim import RecordState
from joblog.processors.worker.handlers import ASYNC, PROCESS, THREAD
from joblog.processors.worker.intake import Destinations, Intake
from joblog.processors.worker.reporter import Reporter
from joblog.processors.worker.reports import Reports
from joblog.processors.worker.tenure import Tenure
from joblog.processors.worker.writer_schemas import WriterSchemas
from joblog.schemas.avro_schema import AvroSchema
from joblog.schemas.codec import Codec
from joblog.schemas.framing import frame
from joblog.schemas.models import AttemptLost, Cause, Event, JobDeadLettered, SchemaAnnounced, Tick
from joblog.schemas.payloads import encode_payload, payload_schema
from joblog.streams.records import Inbound
from joblog.streams.settings import LimitsSettings
from joblog.streams.topics import TopicMap
from tests.unit.worker.fakes import Counting, FakePublisher
from tests.unit.worker.jobs import REGISTRY
from tests.unit.worker.making import (
    CODEC,
    EVENTS,
    LOG_ID,
    WORK,
    dispatch,
    record,
    submission,
    tenure,
)

EVERYWHERE = (ASYNC, THREAD, PROCESS)
WAIT_MS = 1_000


class Sorting:
    def __init__(self, limits: LimitsSettings | None = None) -> None:
        self.now = 0
        self.publisher = FakePublisher()
        self.reporter = Reporter(self.publisher)
        self.observer = Counting()
        codec = Codec()
        self.schemas = WriterSchemas(codec)
        self.buffer = PriorityBuffer(100)
        self.tenure = tenure()
        destinations = Destinations(
            topics=TopicMap("t", limits=limits or LimitsSettings()),
            codec=codec,
            schemas=self.schemas,
            registry=REGISTRY,
            reports=Reports(EVENTS, "me", 1_000, lambda: self.now),
            reporter=self.reporter,
            observer=self.observer,
            elapsed_ms=lambda: self.now,
        )
        self.intake = Intake(destinations, self.buffer, WAIT_MS)

    def take(self, *records: Inbound) -> list[Attempt]:
        self.intake.take(self.tenure, records)
        return self.popped()

    def popped(self) -> list[Attempt]:
        popped = []
        while (attempt := self.buffer.pop(EVERYWHERE)) is not None:
            popped.append(attempt)
        return popped

    def announce(self, schema: AvroSchema) -> None:
        event = SchemaAnnounced.of(schema, 1)
        self.schemas.learn(Inbound("t.schemas", 0, 0, 1, b"k", CODEC.encode(event)))

    async def publish(self) -> None:
        task = asyncio.create_task(self.reporter.run())
        await self.reporter.flush()
        task.cancel()


@pytest.fixture
def sorting() -> Sorting:
    return Sorting()


def test_dispatches_become_attempts_and_repeats_do_not(sorting: Sorting) -> None:
    first, second = dispatch(n=1), dispatch(n=2)
    attempts = sorting.take(
        record(first, 0),
        record(second, 1),
        record(first, 2),
        record(second, 3),
        record(dispatch(n=3), 4),
    )
    assert [attempt.dispatch.job_id for attempt in attempts] == ["job-1", "job-2", "job-3"]
    assert [attempt.origin.offset for attempt in attempts] == [0, 1, 4]
    assert sorting.observer.seen == {"repeated": 2}
    assert sorting.tenure.ledger.untouched == [0, 1, 4]


def test_a_cause_that_is_not_of_this_partition_of_the_log_repeats_nothing(sorting: Sorting) -> None:
    elsewhere = [
        dispatch(n=9, cause=cause)
        for cause in (
            Cause(topic="other.events", partition=0, offset=0),
            Cause(topic=EVENTS, partition=1, offset=0),
        )
    ]
    attempts = sorting.take(
        record(dispatch(n=5), 0), *(record(one, offset) for offset, one in enumerate(elsewhere, 1))
    )
    assert len(attempts) == 3


async def test_a_claim_of_a_worker_that_is_gone_is_reported_as_lost_and_then_settled(
    sorting: Sorting,
) -> None:
    for offset in range(3):
        sorting.tenure.ledger.arrive(offset, (offset, 0))
    sorting.tenure.ledger.claim(1)
    offset, claim, _ = sorting.tenure.ledger.to_commit()
    sorting.tenure = Tenure(
        sorting.tenure.partition,
        ClaimLedger(LOG_ID, "me", offset, claim),
        former="gone",
        topic_id="topic",
    )
    attempts = sorting.take(*(record(dispatch(n=offset), offset) for offset in range(3)))
    assert [attempt.origin.offset for attempt in attempts] == [0, 2]
    assert sorting.tenure.ledger.claimed == [1]
    await sorting.publish()
    [lost] = sorting.publisher.events
    assert isinstance(lost, AttemptLost)
    assert (lost.job_id, lost.lost_worker, lost.worker) == ("job-1", "gone", "me")
    assert sorting.tenure.ledger.claimed == []
    assert sorting.observer.seen == {"lost echo": 1}


@pytest.mark.parametrize(
    ("value", "reason", "words"),
    [
        (None, Reason.POISON, "has no value"),
        (b"", Reason.POISON, "0 bytes"),
        (b"garbage", Reason.POISON, "begin with 67617262"),
        (CODEC.encode(dispatch())[:-3], Reason.POISON, "the body is no joblog.JobDispatched"),
        (CODEC.encode(Tick(event_id="e", time=1)), Reason.ILLEGAL, "Tick may not stand"),
    ],
    ids=["none", "empty", "garbage", "truncated", "another event"],
)
async def test_a_record_that_cannot_be_run_is_dead_lettered_and_then_settled(
    sorting: Sorting, value: bytes | None, reason: Reason, words: str
) -> None:
    bad = record(None, 0, value)
    good = record(dispatch(n=1), 1)
    assert len(sorting.take(bad, good)) == 1
    assert sorting.tenure.ledger.untouched == [0, 1]
    await sorting.publish()
    assert sorting.tenure.ledger.untouched == [1]
    [letter] = sorting.publisher.events
    assert isinstance(letter, JobDeadLettered)
    assert (letter.reason, letter.job_id, letter.generation) == (reason, "", 0)
    assert words in letter.detail
    original = letter.original
    assert (original.topic, original.partition, original.offset) == (bad.topic, 0, 0)
    assert (original.key, original.value) == (bad.key, value)
    assert [(header.key, header.value) for header in original.headers] == list(bad.headers)
    [[outbound]] = sorting.publisher.calls
    assert (outbound.topic, outbound.partition) == ("t.dlq", 0)
    assert dict(outbound.headers)["kafka_dlt-exception-fqcn"] == reason.encode()
    assert sorting.observer.seen == {f"dead letter {reason}": 1}


@pytest.mark.parametrize(
    ("carried", "words"),
    [
        (b"", "the submission in the dispatch: not an event: 0 bytes"),
        (b"garbage", "begin with 67617262"),
        (CODEC.encode(submission())[:-3], "the body is no joblog.JobSubmitted"),
        (CODEC.encode(Tick(event_id="e", time=1)), "carries Tick, not JobSubmitted"),
        (CODEC.encode(dispatch()), "carries JobDispatched, not JobSubmitted"),
        (
            CODEC.encode(submission(payload_content_type="text/plain")),
            "'text/plain': write application/avro or application/json",
        ),
    ],
    ids=["empty", "garbage", "truncated", "another event", "a dispatch", "text"],
)
def test_an_attempt_without_a_submission_can_begin_and_will_fail(
    sorting: Sorting, carried: bytes, words: str
) -> None:
    bad, good = dispatch(n=7, submission=carried), dispatch(n=8)
    attempts = sorting.take(record(bad, 0), record(good, 1))
    assert [attempt.dispatch.job_id for attempt in attempts] == ["job-8", "job-7"]
    assert words in (attempts[1].rejection or "")
    assert sorting.take(record(bad, 2)) == [], "it is known when it comes again"


async def test_a_dead_letter_that_would_be_too_large_leaves_its_value_out() -> None:
    limits = LimitsSettings(
        max_submission_bytes=1_024, max_record_bytes=66_560, max_dead_letter_bytes=132_096
    )
    sorting = Sorting(limits)
    sorting.take(record(None, 0, b"x" * 140_000))
    await sorting.publish()
    [letter] = sorting.publisher.events
    assert isinstance(letter, JobDeadLettered)
    assert letter.original.value is None
    assert "value left out" in letter.detail


class Number(BaseModel):
    n: int
    unit: str


OTHER = payload_schema(Number)


def written_by_another_version(n: int) -> Inbound:
    event = dispatch(
        n=n, payload=encode_payload(Number(n=n, unit="m")), payload_schema=OTHER.fingerprint
    )
    return record(event, n)


def test_a_payload_of_an_announced_schema_is_read_with_it(sorting: Sorting) -> None:
    sorting.announce(OTHER)
    [attempt] = sorting.take(written_by_another_version(0))
    assert attempt.writer is not None
    assert attempt.writer.fingerprint == OTHER.fingerprint
    assert attempt.rejection is None


def test_a_payload_of_an_unknown_schema_waits_for_it_and_nothing_else_does(
    sorting: Sorting,
) -> None:
    attempts = sorting.take(written_by_another_version(0), record(dispatch(n=1), 1))
    assert [attempt.origin.offset for attempt in attempts] == [1]
    assert sorting.buffer.held == 1
    sorting.announce(OTHER)
    [attempt] = sorting.popped()
    assert attempt.writer is not None
    assert sorting.buffer.held == 0


def test_a_payload_whose_schema_nobody_announces_is_rejected_in_the_end(sorting: Sorting) -> None:
    assert sorting.take(written_by_another_version(0)) == []
    sorting.now = WAIT_MS - 1
    sorting.intake.tend()
    assert sorting.popped() == []
    sorting.now = WAIT_MS
    sorting.intake.tend()
    [attempt] = sorting.popped()
    assert attempt.rejection is not None
    assert OTHER.fingerprint.hex() in attempt.rejection
    assert sorting.buffer.held == 0


def test_json_waits_for_no_schema_whatever_its_producer_wrote_there(sorting: Sorting) -> None:
    event = dispatch(
        payload=b'{"n": 1}', payload_content_type="application/json", payload_schema=bytes(8)
    )
    [attempt] = sorting.take(record(event, 0))
    assert (attempt.writer, attempt.rejection, sorting.buffer.held) == (None, None, 0)


def newer(name: str) -> AvroSchema:
    """Return the schema of an event with one more field."""
    own = CODEC._latest[name]  # noqa: SLF001 - the newest version, whichever it is
    field = {"name": "brand_new", "type": "string", "default": "x"}
    return AvroSchema.of({**own.definition, "fields": [*own.definition["fields"], field]})


def newer_value(event: Event) -> bytes:
    schema = newer(type(event).__name__)
    return frame(schema.fingerprint, schema.write(event.model_dump() | {"brand_new": "y"}))


def newer_dispatch(n: int, offset: int) -> Inbound:
    return record(None, offset, newer_value(dispatch(n=n)))


def dispatch_of_newer_submission(n: int, offset: int) -> Inbound:
    return record(dispatch(n=n, submission=newer_value(submission(n=n))), offset)


def newer_in_newer(n: int, offset: int) -> Inbound:
    carrying = dispatch(n=n, submission=newer_value(submission(n=n)))
    return record(None, offset, newer_value(carrying))


@pytest.mark.parametrize(
    "names", [["JobDispatched", "JobSubmitted"], ["JobSubmitted", "JobDispatched"]]
)
def test_it_waits_for_the_schema_of_the_dispatch_and_for_that_of_the_submission(
    sorting: Sorting, names: list[str]
) -> None:
    first, second = names
    assert sorting.take(newer_in_newer(1, 0)) == []
    sorting.announce(newer(first))
    assert (sorting.popped(), sorting.buffer.held) == ([], 1)
    sorting.announce(newer(second))
    [attempt] = sorting.popped()
    assert attempt.submission == submission(n=1)


of_newer_versions = pytest.mark.parametrize(
    ("name", "newer_record"),
    [("JobDispatched", newer_dispatch), ("JobSubmitted", dispatch_of_newer_submission)],
)
NewerRecord = Callable[[int, int], Inbound]


@of_newer_versions
def test_a_record_of_a_newer_version_waits_for_its_schema(
    sorting: Sorting, name: str, newer_record: NewerRecord
) -> None:
    attempts = sorting.take(newer_record(1, 0), record(dispatch(n=2), 1))
    assert [attempt.dispatch.job_id for attempt in attempts] == ["job-2"]
    assert sorting.buffer.held == 1
    sorting.announce(newer(name))
    [attempt] = sorting.popped()
    assert attempt.submission == submission(n=1)
    carried = {"submission": attempt.dispatch.submission}
    assert attempt.dispatch == dispatch(n=1).model_copy(update=carried)
    assert attempt.origin.offset == 0
    assert sorting.buffer.held == 0


@of_newer_versions
def test_what_was_read_late_is_known_when_it_comes_again(
    sorting: Sorting, name: str, newer_record: NewerRecord
) -> None:
    sorting.take(newer_record(1, 0))
    sorting.announce(newer(name))
    sorting.popped()
    assert sorting.take(newer_record(1, 1)) == []
    assert sorting.observer.seen == {"repeated": 1}


@of_newer_versions
def test_a_repeat_is_one_also_if_it_is_read_late(
    sorting: Sorting, name: str, newer_record: NewerRecord
) -> None:
    sorting.take(record(dispatch(n=1), 0), newer_record(1, 1), record(dispatch(n=2), 2))
    sorting.announce(newer(name))
    assert sorting.popped() == []
    assert sorting.observer.seen == {"repeated": 1}
    assert sorting.tenure.ledger.untouched == [0, 2]


async def test_a_record_of_a_schema_that_nobody_announces_is_dead_lettered(
    sorting: Sorting,
) -> None:
    sorting.take(newer_dispatch(1, 0))
    sorting.now = WAIT_MS
    sorting.intake.tend()
    await sorting.publish()
    [letter] = sorting.publisher.events
    assert isinstance(letter, JobDeadLettered)
    assert letter.reason == Reason.UNKNOWN_SCHEMA
    assert newer("JobDispatched").fingerprint.hex() in letter.detail
    assert sorting.tenure.ledger.untouched == []


def test_an_attempt_whose_submission_has_a_schema_that_nobody_announces_fails(
    sorting: Sorting,
) -> None:
    assert sorting.take(dispatch_of_newer_submission(1, 0)) == []
    sorting.now = WAIT_MS
    sorting.intake.tend()
    [attempt] = sorting.popped()
    assert newer("JobSubmitted").fingerprint.hex() in (attempt.rejection or "")


def test_what_a_former_worker_could_not_read_either_is_no_repeat(sorting: Sorting) -> None:
    states = bytes([RecordState.UNTOUCHED, RecordState.SETTLED])
    claim = Claim(LOG_ID, "gone", (2, 0), states)  # it had read the dispatch of job 2 behind it
    sorting.tenure = Tenure(
        TopicPartition(WORK, 0), ClaimLedger(LOG_ID, "me", 0, claim), "gone", "topic"
    )
    assert sorting.take(newer_dispatch(1, 0), record(dispatch(n=2), 1)) == []
    sorting.announce(newer("JobDispatched"))
    [attempt] = sorting.popped()
    assert attempt.dispatch.job_id == "job-1"


def test_what_is_dropped_is_forgotten_wherever_it_is(sorting: Sorting) -> None:
    sorting.intake.take(
        sorting.tenure,
        [record(dispatch(n=0), 0), written_by_another_version(1), newer_dispatch(2, 2)],
    )
    sorting.intake.drop([sorting.tenure])
    sorting.announce(OTHER)
    sorting.announce(newer("JobDispatched"))
    assert sorting.popped() == []
    assert sorting.buffer.room == 100


def test_a_type_without_a_handler_can_begin_and_will_fail(sorting: Sorting) -> None:
    [attempt] = sorting.take(
        record(dispatch("nobody has this", payload_schema=OTHER.fingerprint), 0)
    )
    assert attempt.handler is None
