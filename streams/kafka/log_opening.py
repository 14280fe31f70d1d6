"""Opens the log: each partition of the events topic says which log it belongs to."""

from collections.abc import Mapping
from typing import Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from joblog.schemas.codec import Codec
from joblog.schemas.errors import UndecodableError, UnknownSchemaError
from joblog.schemas.models import LogOpened
from joblog.streams.cloudevents import headers_for
from joblog.streams.errors import LogMismatchError, TopicMismatchError
from joblog.streams.kafka.client import client_options, unavailable
from joblog.streams.kafka.publisher import KafkaPublisher
from joblog.streams.records import Outbound
from joblog.streams.settings import Settings
from joblog.streams.topics import Topic, TopicMap

SOURCE: Final = "/joblog/topics"
POLL_MS: Final = 100


async def open_log(settings: Settings, log_id: str, now_ms: int) -> None:
    """Have each partition of the events topic begin with `LogOpened`.

    Two processes that do it at once may both write it, which is harmless: they say the same. Where
    others wrote first, or old records were deleted, it is appended, and says the same later.

    Args:
        settings: where Kafka is, and which topics there are.
        log_id: the log.
        now_ms: time of the events, in ms since the Unix epoch.

    Raises:
        KafkaUnavailableError: no broker answers.
        LogMismatchError: a partition was opened for another log.
        TopicMismatchError: a partition was opened with another partition count.
        PublishError: the log could not be opened.
    """
    topic = TopicMap.of(settings).events
    codec = Codec()
    opened = await openings(settings)
    for opening in opened.values():
        if opening is not None:
            _check(opening, topic, log_id)
    missing = [partition for partition, opening in opened.items() if opening is None]
    if missing:
        async with KafkaPublisher(settings) as publisher:
            await publisher.publish(
                [opening_record(codec, topic, partition, log_id, now_ms) for partition in missing]
            )


async def openings(settings: Settings) -> dict[int, LogOpened | None]:
    """Return what each partition of the events topic says about itself, None where it begins otherwise.

    Raises:
        KafkaUnavailableError: no broker answers.
        AccessDeniedError: this client may not read the topic.
    """
    codec = Codec()
    firsts = await _first_values(settings, TopicMap.of(settings).events)
    return {partition: opening_in(codec, value) for partition, value in firsts.items()}


def opening_record(
    codec: Codec, topic: Topic, partition: int, log_id: str, now_ms: int
) -> Outbound:
    """Return the record that a partition begins with; `now_ms` since the Unix epoch."""
    event = LogOpened(
        event_id=f"{log_id}/{partition}",
        time=now_ms,
        log_id=log_id,
        partition=partition,
        partitions=topic.partitions,
    )
    headers = headers_for("LogOpened", event.event_id, now_ms, SOURCE)
    return Outbound(topic.name, partition, None, codec.encode(event), headers)


def opening_in(codec: Codec, value: bytes | None) -> LogOpened | None:
    """Return what the first value of a partition says about it, None where it says something else."""
    if value is None:
        return None
    try:
        event = codec.decode(value)
    except (UndecodableError, UnknownSchemaError):
        return None
    return event if isinstance(event, LogOpened) else None


def _check(opening: LogOpened, topic: Topic, log_id: str) -> None:
    if opening.log_id != log_id:
        raise LogMismatchError(topic.name, opening.partition, opening.log_id, log_id)
    if opening.partitions != topic.partitions:
        raise TopicMismatchError(
            topic.name,
            "partitions",
            str(topic.partitions),
            str(opening.partitions),
            "partitions were added after the log was opened, and jobs stay where they were: replay "
            "into topics of another namespace",
        )


async def _first_values(settings: Settings, topic: Topic) -> Mapping[int, bytes | None]:
    """Read the first value of each partition; None where there is none."""
    consumer = AIOKafkaConsumer(**client_options(settings), enable_auto_commit=False)
    try:
        await consumer.start()
        partitions = [TopicPartition(topic.name, number) for number in range(topic.partitions)]
        ends = await consumer.end_offsets(partitions)
        consumer.assign(partitions)
        await consumer.seek_to_beginning(*partitions)
        return {at.partition: await _first_value(consumer, at, ends[at]) for at in partitions}
    except KafkaError as error:
        raise unavailable(settings.bootstrap_servers, error) from error
    finally:
        await consumer.stop()


async def _first_value(
    consumer: AIOKafkaConsumer, partition: TopicPartition, end: int
) -> bytes | None:
    while await consumer.position(partition) < end:
        polled = await consumer.getmany(partition, timeout_ms=POLL_MS, max_records=1)
        for record in polled.get(partition, ()):
            return bytes(record.value or b"")
    return None
