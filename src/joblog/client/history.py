"""The history of a job: the union of its events over all topics, in the order of their causes."""

from bisect import bisect_right
from collections.abc import Iterable
from typing import Final, NamedTuple

from aiokafka import TopicPartition

from joblog.client.ids import made_at
from joblog.lifecycle.partitioner import partition_of
from joblog.lifecycle.records import Inbound
from joblog.schemas.codec import Codec
from joblog.schemas.errors import UndecodableError, UnknownSchemaError
from joblog.schemas.models import Event, JobDispatched, JobEvent, JobSubmitted
from joblog.schemas.models.envelope import AttemptEvent
from joblog.streams.kafka.inbound import inbound
from joblog.streams.kafka.log_reader import LogReader, Offsets
from joblog.streams.settings import Settings
from joblog.streams.topics import TopicMap

CLOCK_MARGIN_MS: Final = 60_000
"""How far a producer's clock is usually not ahead of the brokers'."""

BEHIND_ALL: Final = 1_000_000


class Entry(NamedTuple):
    """A record with a job's key.

    Attributes:
        topic: topic of the record.
        partition: its partition.
        offset: its offset.
        timestamp: its log time, ms.
        event: what it says, None where it cannot be read.
    """

    topic: str
    partition: int
    offset: int
    timestamp: int
    event: Event | None


async def read_history(settings: Settings, job_id: str) -> list[Entry]:
    """Return all that the log still has about a job; empty where there is nothing.

    Work and delay topics are purged of what is done, so dispatches and retries of the past may be missing.
    What has a UUIDv7 is looked for from its time on; anything else, and what is not found there, from the
    beginning of the log.

    Raises:
        KafkaUnavailableError: no broker answers.
        TopicMissingError: a topic does not exist.
    """
    topics = TopicMap.of(settings)
    key = job_id.encode()
    partition = partition_of(key, settings.partitions)
    places = [
        TopicPartition(topic.name, partition)
        for topic in (topics.events, *topics.works, *topics.delays, topics.dead_letters)
    ]
    places.append(TopicPartition(topics.control.name, 0))
    made = made_at(job_id)
    async with LogReader(settings) as reader:
        entries: list[Entry] = []
        if made is not None:
            since = await reader.since(places, max(0, made - CLOCK_MARGIN_MS))
            entries = await _read(reader, since, key)
        if not any(isinstance(entry.event, JobSubmitted) for entry in entries):
            entries = await _read(reader, await reader.starts(places), key)
    return in_order(entries, topics.events.name)


async def _read(reader: LogReader, starts: Offsets, key: bytes) -> list[Entry]:
    codec = Codec()
    return [
        _entry_of(inbound(record), codec)
        async for records in reader.read(starts)
        for record in records
        if record.key == key
    ]


def lacks_dispatches(entries: Iterable[Entry]) -> bool:
    """Return whether attempts were reported whose dispatches are gone: a work topic is purged of what is done."""
    dispatched, reported = set[tuple[int, int]](), set[tuple[int, int]]()
    for entry in entries:
        if isinstance(entry.event, JobDispatched):
            dispatched.add((entry.event.generation, entry.event.attempt))
        elif isinstance(entry.event, AttemptEvent):
            reported.add((entry.event.generation, entry.event.attempt))
    return not reported <= dispatched


def in_order(entries: Iterable[Entry], events_topic: str) -> list[Entry]:
    """Return entries as they follow from each other.

    An output comes right behind the record of the events topic that caused it, whatever the brokers'
    clocks say; what names no such cause goes by its log time.
    """
    all_of_them = list(entries)
    log = sorted(
        (entry.offset, entry.timestamp) for entry in all_of_them if entry.topic == events_topic
    )
    return sorted(all_of_them, key=lambda entry: _place(entry, events_topic, log))


def _place(entry: Entry, events_topic: str, log: list[tuple[int, int]]) -> tuple[int, int, int]:
    if entry.topic == events_topic:
        return entry.offset, 0, 0
    event = entry.event
    if isinstance(event, JobEvent) and event.cause and event.cause.topic == events_topic:
        return event.cause.offset, 1 + event.cause.index, entry.timestamp
    before = bisect_right(log, entry.timestamp, key=lambda known: known[1])
    offset = log[before - 1][0] if before else -1
    return offset, BEHIND_ALL, entry.timestamp


def _entry_of(record: Inbound, codec: Codec) -> Entry:
    return Entry(
        record.topic, record.partition, record.offset, record.timestamp, event_of(record, codec)
    )


def event_of(record: Inbound, codec: Codec) -> Event | None:
    """Return what a record says, None where it cannot be read."""
    if record.value is None:
        return None
    try:
        return codec.decode(record.value)
    except (UndecodableError, UnknownSchemaError):
        return None
