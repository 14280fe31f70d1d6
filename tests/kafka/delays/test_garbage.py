from joblog.lifecycle.delays import TIERS
from joblog.lifecycle.reasons import Reason
from joblog.schemas.framing import frame
from joblog.schemas.models import JobCancelRequested, JobDeadLettered
from joblog.streams.kafka import KafkaPublisher
from joblog.streams.machine_clock import now_ms
from joblog.streams.records import Outbound
from joblog.streams.settings import Settings
from joblog.streams.topics import TopicMap
from tests.kafka.delays.conftest import StartProcess
from tests.kafka.delays.running import Follower, Scheduled, committed, defer
from tests.kafka.running import CODEC, eventually

MISPLACED = CODEC.encode(JobCancelRequested(event_id="e", time=1, job_id="job", requested_by="me"))
GARBAGE = {
    b"null": (None, Reason.POISON),
    b"bytes": (b"no Avro at all", Reason.POISON),
    b"truncated": (MISPLACED[:-1], Reason.POISON),
    b"unknown": (frame(b"\x01\x02\x03\x04\x05\x06\x07\x08", b"?"), Reason.UNKNOWN_SCHEMA),
    b"misplaced": (MISPLACED, Reason.ILLEGAL),
}


async def test_garbage_goes_to_the_dead_letters_as_it_is_and_holds_up_nothing(
    settings: Settings, publisher: KafkaPublisher, events: Follower, start_process: StartProcess
) -> None:
    await start_process()
    topics = TopicMap.of(settings)
    tier = topics.delay(TIERS[2]).name
    await publisher.publish(
        [Outbound(tier, 1, key, value, [("x", b"\xff\x00")]) for key, (value, _) in GARBAGE.items()]
    )
    due = now_ms() + 1_500
    await defer(publisher, settings, [Scheduled(f"job-{i}", due) for i in range(20)])
    await events.until(lambda: len(events.woken) == 20)
    assert all(due <= record.timestamp <= due + 2_000 for record, _ in events.wake_ups)
    async with Follower(
        settings, topics.dead_letters.name, topics.dead_letters.partitions
    ) as dead_letters:
        await dead_letters.until(lambda: len(dead_letters.records) == len(GARBAGE))
        letters = [CODEC.decode(record.value or b"") for record in dead_letters.records]
    for offset, letter in enumerate(letters):
        assert isinstance(letter, JobDeadLettered)
        original = letter.original
        value, reason = GARBAGE[original.key or b""]
        assert (letter.reason, original.value) == (reason, value)
        assert (original.topic, original.partition, original.offset) == (tier, 1, offset)
        assert [(header.key, header.value) for header in original.headers] == [("x", b"\xff\x00")]
    assert {record.partition for record in dead_letters.records} == {1}
    await eventually(lambda: is_committed(settings, tier))


async def is_committed(settings: Settings, tier: str) -> bool:
    return (await committed(settings)).get((tier, 1), 0) >= len(GARBAGE)
