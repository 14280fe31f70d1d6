"""What is listed, what is open, and where a redriven record goes; the topics are in memory."""

from collections.abc import Sequence

import pytest
from aiokafka import TopicPartition

from joblog.processors.dead_letters import queue as queue_module
from joblog.processors.dead_letters import redriven as redriven_module
from joblog.processors.dead_letters.letters import Selection
from joblog.processors.dead_letters.queue import DeadLetters
from joblog.processors.dead_letters.remedies import REDRIVEN_FROM, Remedies, Request
from joblog.processors.dead_letters.standing import JobState, Standing
from joblog.schemas.codec import Codec
from joblog.schemas.models import Header, JobDeadLettered, OriginalRecord
from joblog.streams.settings import Settings
from tests.unit.log_reader import FakeTopics

DLQ = TopicPartition("t.dlq", 0)
EVENTS = TopicPartition("t.events", 0)
DELAY = TopicPartition("t.delay.1s", 0)
GONE = TopicPartition("t.work.gone", 0)
REQUEST = Request("ada")
JOB = JobState(
    generation=1, status="dead_lettered", discarded=False, partition=0, submission_offset=1
)


@pytest.fixture
def topics(monkeypatch: pytest.MonkeyPatch) -> FakeTopics:
    made = FakeTopics()
    for module in (queue_module, redriven_module):
        monkeypatch.setattr(module, "LogReader", made)
    return made


@pytest.fixture
def queue(topics: FakeTopics) -> DeadLetters:
    async def look_up(job_id: str) -> JobState | None:
        return JOB if job_id == "job" else None

    remedies = Remedies(EVENTS.topic, lambda: "id", lambda: 1_000)
    return DeadLetters(Settings(namespace="t", partitions=1), look_up, topics, remedies)


def letter_put(  # noqa: PLR0913 - each of them matters to some test
    topics: FakeTopics,
    event_id: str,
    origin: TopicPartition = EVENTS,
    offset: int = 0,
    *,
    job_id: str = "",
    value: bytes | None = b"v",
    headers: Sequence[Header] = (),
) -> str:
    """Put a dead letter and return its reference."""
    original = OriginalRecord(
        topic=origin.topic,
        partition=origin.partition,
        offset=offset,
        timestamp=1,
        key=b"k",
        value=value,
        headers=(*headers,),
    )
    event = JobDeadLettered(
        event_id=event_id,
        time=1,
        job_id=job_id,
        generation=1,
        reason="poison",
        original=original,
    )
    return f"0@{topics.put(DLQ, Codec().encode(event))}"


async def listed(queue: DeadLetters, selection: Selection | None = None) -> list[str]:
    return [
        letter.reference
        async for letters in queue.all(selection or Selection())
        for letter in letters
    ]


async def still_open(queue: DeadLetters) -> list[str]:
    return [found.letter.reference async for batch in queue.open(Selection()) for found in batch]


async def redrive(queue: DeadLetters, reference: str) -> None:
    async for judged in queue.open(Selection(reference)):
        await queue.redrive(judged, REQUEST)


async def test_a_repeated_dead_letter_is_listed_once_by_whichever_reference(
    topics: FakeTopics, queue: DeadLetters
) -> None:
    topics.put(EVENTS, b"v")
    references = [letter_put(topics, name) for name in ("a", "b", "a", "c", "b")]
    assert await listed(queue) == ["0@0", "0@1", "0@3"]
    assert await still_open(queue) == ["0@0", "0@1", "0@3"]
    for reference in references:
        assert await listed(queue, Selection(reference)) == [reference]


@pytest.mark.parametrize("named", [0, 2])
async def test_redriving_a_dead_letter_redrives_what_repeats_it(
    topics: FakeTopics, queue: DeadLetters, named: int
) -> None:
    topics.put(EVENTS, b"v")
    references = [letter_put(topics, name) for name in ("a", "b", "a")]
    await redrive(queue, references[named])
    assert await still_open(queue) == ["0@1"]
    for twin in (references[0], references[2]):
        (found,) = [one async for one in queue.all(Selection(twin)) if one]
        (judged,) = await queue.judge(found)
        assert judged.standing == Standing.REDRIVEN


async def test_a_record_goes_back_to_its_own_topic_and_is_open_no_longer(
    topics: FakeTopics, queue: DeadLetters
) -> None:
    for _ in range(5):
        topics.put(DELAY, b"x")
    topics.put(EVENTS, b"x")
    letter_put(topics, "a", EVENTS)
    reference = letter_put(topics, "b", DELAY, 4)
    await redrive(queue, reference)
    assert await topics.ends([DELAY, EVENTS]) == {DELAY: 6, EVENTS: 1}
    assert await still_open(queue) == ["0@0"]


async def test_a_record_of_another_topic_cannot_pass_for_a_job_s_dead_letter(
    topics: FakeTopics, queue: DeadLetters
) -> None:
    topics.put(DELAY, b"x")
    topics.put(EVENTS, b"x")
    letter_put(topics, "a", DELAY, JOB.submission_offset, job_id="job")
    letter_put(topics, "b", EVENTS, JOB.submission_offset, job_id="job")
    judged = [found async for batch in queue.open(Selection()) for found in batch]
    assert [found.is_of_job for found in judged] == [False, True]


async def test_a_record_of_a_topic_that_is_no_more_is_open(
    topics: FakeTopics, queue: DeadLetters
) -> None:
    letter_put(topics, "a", GONE)
    assert await still_open(queue) == ["0@0"]


async def test_headers_that_name_no_dead_letter_are_passed_over(
    topics: FakeTopics, queue: DeadLetters
) -> None:
    letter_put(topics, "a")
    for reference in (b"", b"@", b"-1@0", b"1@0", b"0@-1", b"0@0x", b"0@99999999999999999999"):
        topics.put(EVENTS, b"v", headers=[(REDRIVEN_FROM, reference)])
    assert await still_open(queue) == ["0@0"]


async def test_what_a_dead_letter_leaves_out_is_taken_from_the_log(
    topics: FakeTopics, queue: DeadLetters
) -> None:
    topics.put(EVENTS, b"large", b"whole key", [("x", b"1")])
    await redrive(queue, letter_put(topics, "a", value=None))
    record = await topics.record(EVENTS, 1)
    assert record is not None
    assert (record.key, record.value) == (b"whole key", b"large")
    assert record.headers == (("x", b"1"), (REDRIVEN_FROM, b"0@0"))
