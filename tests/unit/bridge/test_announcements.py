"""A bridge announces each schema of a payload once, unless somebody has, and tells those apart that look alike."""

from collections.abc import Sequence
from typing import Final

import pytest
from aiokafka import TopicPartition

from joblog.processors.bridge import announcements
from joblog.processors.bridge.announcements import Announcements
from joblog.schemas import avro_schema
from joblog.schemas.avro_schema import AvroSchema
from joblog.schemas.codec import Codec
from joblog.schemas.errors import ConflictingSchemaError
from joblog.schemas.models import SchemaAnnounced
from joblog.streams.errors import PublishError
from joblog.streams.records import Outbound, Position
from joblog.streams.settings import Settings
from tests.unit.log_reader import FakeTopics

SETTINGS = Settings(namespace="t")
AT: Final = TopicPartition("t.schemas", 0)
NOW = 1_700_000_000_000


def mail(logical_type: str | None = None) -> AvroSchema:
    """Return a new object each time, as each id of a registry gives one; the fingerprint is the same."""
    time = {"type": "long"} | ({"logicalType": logical_type} if logical_type else {})
    return AvroSchema.of(
        {"type": "record", "name": "Mail", "fields": [{"name": "at", "type": time}]}
    )


class Topics(FakeTopics):
    """The schemas topic; counts how often it is read, and may not acknowledge."""

    def __init__(self) -> None:
        super().__init__()
        self.put(AT, b"garbage")
        self.published: list[Outbound] = []
        self.reads = 0
        self.failure: PublishError | None = None

    def __call__(self, settings: Settings) -> "Topics":
        self.reads += 1
        return super().__call__(settings)

    async def publish(self, records: Sequence[Outbound]) -> Sequence[Position]:
        if self.failure is not None:
            raise self.failure
        self.published += records
        return await super().publish(records)


@pytest.fixture
def topics(monkeypatch: pytest.MonkeyPatch) -> Topics:
    topics = Topics()
    monkeypatch.setattr(announcements, "LogReader", topics)
    return topics


def bridge(topics: Topics) -> Announcements:
    return Announcements(SETTINGS, topics, lambda: NOW)


async def test_a_schema_is_announced_once_and_then_known_without_a_look(topics: Topics) -> None:
    one = bridge(topics)
    await one.announce(mail())
    [record] = topics.published
    event = Codec().decode(record.value or b"")
    assert event == SchemaAnnounced.of(mail(), NOW)
    assert (record.topic, record.partition) == AT
    assert record.key == mail().fingerprint.hex().encode()
    assert dict(record.headers)["ce_source"] == b"/joblog/bridge"
    for _ in range(3):
        await one.announce(mail())  # of another id
    assert (len(topics.published), topics.reads) == (1, 1)


async def test_what_another_has_announced_is_not_announced_again(topics: Topics) -> None:
    await bridge(topics).announce(mail())
    other = bridge(topics)
    await other.announce(mail())
    await other.announce(mail())
    assert (len(topics.published), topics.reads) == (1, 2)


@pytest.mark.parametrize("by_another", [False, True])
async def test_other_logical_types_under_the_same_fingerprint_are_refused(
    topics: Topics, *, by_another: bool
) -> None:
    first = bridge(topics)
    await first.announce(mail("timestamp-millis"))
    second = bridge(topics) if by_another else first
    for _ in range(2):  # it is not taken for announced because it was looked at
        with pytest.raises(ConflictingSchemaError):
            await second.announce(mail())
    await second.announce(mail("timestamp-millis"))
    assert len(topics.published) == 1


async def test_a_known_schema_is_compared_without_another_walk_through_it(
    topics: Topics, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, schema = bridge(topics), mail("timestamp-millis")
    again = mail("timestamp-millis")  # of another id
    for registered in (schema, again):
        await one.announce(registered)
    monkeypatch.setattr(avro_schema, "_logical_types", None)
    for registered in (schema, again):
        await one.announce(registered)


async def test_what_is_not_acknowledged_is_not_known(topics: Topics) -> None:
    one = bridge(topics)
    topics.failure = PublishError(["t.schemas"], 1, "no answer")
    with pytest.raises(PublishError):
        await one.announce(mail())
    topics.failure = None
    await one.announce(mail())
    assert len(topics.published) == 1
