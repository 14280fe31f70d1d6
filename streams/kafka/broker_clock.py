"""How far this machine's clock and that of the log are apart."""

from collections.abc import Callable
from typing import Final

from aiokafka import AIOKafkaProducer, TopicPartition

from joblog.schemas.catalog import latest
from joblog.schemas.codec import Codec
from joblog.schemas.models import SchemaAnnounced
from joblog.streams.cloudevents import headers_for
from joblog.streams.kafka.client import connect, producer_options
from joblog.streams.kafka.log_reader import LogReader
from joblog.streams.settings import Settings
from joblog.streams.topics import TopicMap

SOURCE: Final = "/joblog/doctor"
SPOKEN_OF: Final = "Tick"
"""The event whose schema is announced once more, which says nothing new to anybody."""


async def newest_log_time(settings: Settings) -> int | None:
    """Return the newest log time at the ends of the partitions, ms; None in an empty log.

    Raises:
        KafkaUnavailableError: no broker answers, or none lets this client in.
        TopicMissingError: the events topic does not exist.
    """
    topic = TopicMap.of(settings).events
    places = [TopicPartition(topic.name, number) for number in range(topic.partitions)]
    times = []
    async with LogReader(settings) as reader:
        for at, end in (await reader.ends(places)).items():
            record = await reader.record(at, end - 1) if end else None
            if record is not None:
                times.append(record.timestamp)
    return max(times, default=None)


async def measure_ahead_ms(settings: Settings, clock: Callable[[], int]) -> float:
    """Append a record and return by how many ms the broker's clock is ahead of this machine's.

    The record announces a schema that is part of every release, so it changes nothing. The answer is exact to
    half the time that Kafka took to acknowledge it.

    Args:
        settings: where Kafka is, and which topics there are.
        clock: ms since the Unix epoch.

    Raises:
        KafkaUnavailableError: no broker answers, or none lets this client in.
        KafkaError: Kafka does not take the record.
    """
    topic = TopicMap.of(settings).schemas.name
    producer = AIOKafkaProducer(**producer_options(settings))
    await connect(producer, settings)
    try:
        await producer.partitions_for(topic)  # so that what is measured is one request
        before = clock()
        event = SchemaAnnounced.of(latest("events")[SPOKEN_OF], before)
        written = await producer.send_and_wait(
            topic,
            Codec().encode(event),
            key=event.fingerprint.hex().encode(),
            partition=0,
            headers=headers_for("SchemaAnnounced", event.event_id, event.time, SOURCE),
        )
        log_time: int = written.timestamp
        return log_time - (before + clock()) / 2
    finally:
        await producer.stop()
