"""Which log a namespace is about, as its config topic says: that outlives the events topic."""

from typing import Final

from aiokafka import TopicPartition

from joblog.schemas.codec import Codec
from joblog.schemas.errors import UndecodableError, UnknownSchemaError
from joblog.schemas.models import LogOpened
from joblog.streams.cloudevents import headers_for
from joblog.streams.errors import LogGoneError
from joblog.streams.kafka.inbound import inbound
from joblog.streams.kafka.log_reader import LogReader
from joblog.streams.records import Inbound, Outbound
from joblog.streams.settings import Settings
from joblog.streams.topics import TopicMap

KEY: Final = b"log"


async def check_identity(settings: Settings, found: str | None) -> None:
    """Make sure that the events topic is the log that was announced, if one was.

    Args:
        settings: where Kafka is; the config topic has to exist.
        found: log id of the events topic, None where there is none.

    Raises:
        KafkaUnavailableError: no broker answers, or none lets this client in.
        LogGoneError: the topic is another one, or is missing.
    """
    topics = TopicMap.of(settings)
    announced = await _announced(settings, topics.config.name)
    if announced is not None and announced != found:
        raise LogGoneError(topics.events.name, announced, found)


def announcement(settings: Settings, log_id: str, source: str, now_ms: int) -> Outbound:
    """Return the record that says which log the namespace is about; `now_ms` since the Unix epoch."""
    event = LogOpened(
        event_id=f"{log_id}/config",
        time=now_ms,
        log_id=log_id,
        partition=0,
        partitions=settings.partitions,
    )
    headers = headers_for("LogOpened", event.event_id, now_ms, source)
    topic = TopicMap.of(settings).config.name
    return Outbound(topic, 0, KEY, Codec().encode(event), headers)


def announced_in(record: Inbound) -> str | None:
    """Return the log id that a record of the config topic announces, None where it announces none."""
    if record.key != KEY or record.value is None:
        return None
    try:
        event = Codec().decode(record.value)
    except (UndecodableError, UnknownSchemaError):
        return None
    return event.log_id if isinstance(event, LogOpened) else None


async def _announced(settings: Settings, config: str) -> str | None:
    at = TopicPartition(config, 0)
    announced = None
    async with LogReader(settings) as reader:
        async for records in reader.read(await reader.starts([at])):
            for record in map(inbound, records):
                announced = announced_in(record) or announced
    return announced
