"""Invariant 1: the same log gives the same bytes, in memory and on Kafka, however it was cut."""

from collections.abc import Sequence

from joblog.processors.scheduler.breaker import Breaker
from joblog.processors.scheduler.bulletin import Bulletin
from joblog.processors.scheduler.outbound import Addresses
from joblog.processors.scheduler.pacing import CommitPacing
from joblog.processors.scheduler.partition import PartitionScheduler, Shared
from joblog.streams.memory.store import MemoryChangelog, MemoryStore
from joblog.streams.records import Inbound, Outbound, Position
from joblog.streams.store import STATE, state_digest
from tests.conformance.joblog import Joblog

CUT = 3
"""Records between two commits of the replay, which no scheduler would choose."""

Record = tuple[bytes | None, bytes | None, tuple[tuple[str, bytes | None], ...]]


class Collected:
    """A Publisher that writes nowhere, and keeps what it was given by topic and partition."""

    def __init__(self) -> None:
        self.records: dict[tuple[str, int], list[Record]] = {}

    async def publish(self, records: Sequence[Outbound]) -> Sequence[Position]:
        for topic, partition, key, value, headers in records:
            self.records.setdefault((topic, partition), []).append((key, value, tuple(headers)))
        return [Position(record.partition, 0) for record in records]


async def assert_replay_agrees(joblog: Joblog) -> None:
    """Replay a joblog's events in memory, and compare every output and every table with it."""
    await joblog.finish()
    outputs = Collected()
    for partition in range(joblog.settings.partitions):
        replayed = await _replay(joblog, partition, outputs)
        assert state_digest(replayed) == state_digest(joblog.committed(partition))
    _assert_outputs_agree(joblog, outputs)


async def _replay(joblog: Joblog, partition: int, outputs: Collected) -> MemoryStore:
    store = MemoryStore(MemoryChangelog(partition), STATE)
    scheduler = PartitionScheduler(partition, store, _shared(joblog, outputs))
    await scheduler.open()
    records = joblog.read(joblog.topics.events.name, partition)
    for start in range(0, len(records), CUT):
        await scheduler.process(records[start : start + CUT])
        await scheduler.commit()
    return store


def _assert_outputs_agree(joblog: Joblog, outputs: Collected) -> None:
    deferred = {
        record for topic in joblog.topics.delays for record in _of_topic(outputs, topic.name)
    }
    written = (*joblog.topics.works, *joblog.topics.delays, joblog.topics.dead_letters)
    for topic in (*written, joblog.topics.control):
        for partition in range(topic.partitions):
            wanted = outputs.records.get((topic.name, partition), [])
            found = _without_repeats(joblog.read(topic.name, partition))
            hops = deferred - set(wanted)  # the delay service moved them from tier to tier
            assert [record for record in found if record not in hops] == wanted
    for (name, partition), wanted in outputs.records.items():
        found = _without_repeats(joblog.read(name, partition))
        assert [record for record in found if record in wanted] == wanted


def _of_topic(outputs: Collected, topic: str) -> list[Record]:
    return [
        record
        for (name, _), records in outputs.records.items()
        if name == topic
        for record in records
    ]


def _without_repeats(records: Sequence[Inbound]) -> list[Record]:
    return list(dict.fromkeys((record.key, record.value, record.headers) for record in records))


def _shared(joblog: Joblog, outputs: Collected) -> Shared:
    return Shared(
        log_id=joblog.log_id(),
        publisher=outputs,
        addresses=Addresses(joblog.topics),
        bulletin=Bulletin(lambda: 0),
        pacing=CommitPacing(joblog.settings.scheduler),
        make_breaker=lambda: Breaker(joblog.settings.scheduler),
        clock=lambda: 0,
        acknowledge=lambda _partition, _offset: None,
    )
