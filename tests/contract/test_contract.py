"""Every writer's records are read by every reader, in every committed version, or passed over."""

import asyncio
from collections.abc import Iterator

import pytest

from joblog.lifecycle.partitioner import partition_of
from joblog.processors.bridge.errors import RefusedError
from joblog.schemas import models
from joblog.schemas.models import EVENTS, Event, JobEvent
from joblog.streams.kafka.log_identity import KEY
from joblog.streams.roles import Role
from tests.contract.read import OTHER_FORMS, READERS
from tests.contract.writers import records_of
from tests.contract.written import (
    CODEC,
    EVENTS_OF,
    SETTINGS,
    TOPICS,
    TRACE,
    Place,
    family_of,
    inbound,
)
from tests.unit.bridge.test_translation import Log as Registry
from tests.unit.bridge.test_translation import record as submitted_record
from tests.unit.bridge.test_translation import value_of
from tests.unit.schemas.examples import VERSIONS, read_example

UNREADABLE = {
    "null": None,
    "empty": b"",
    "garbage": b"no event",
    "unknown_schema": b"\xc3\x01" + bytes(8),
    "cut": b"\xc3\x01",
}
REQUIRED = ("ce_id", "ce_type", "ce_source", "ce_specversion", "ce_time", "content-type")
NOT_FROM_A_JOB = (models.JobCancelRequested, models.JobRedriven, models.DeadLetterDiscarded)
"""Events about a job that begin no trace and continue none: a person asks."""


def topic_of(family: str) -> str:
    return next(topic.name for topic in TOPICS.all if family_of(topic.name) == family)


def pairs() -> Iterator[tuple[str, Role, Role, str, int]]:
    """Yield topic, writer, reader, event and version of all that can meet."""
    for family, writer in EVENTS_OF:
        for kind in EVENTS_OF[family, writer]:
            for name, version in VERSIONS:
                for place in READERS:
                    if name == kind.__name__ and place[0] == family:
                        yield family, writer, place[1], name, version


def test_the_tables_here_have_a_row_for_each_writer_and_each_reader_of_each_topic() -> None:
    writers = {(family_of(topic.name), role) for topic in TOPICS.all for role in topic.writers}
    readers = {(family_of(topic.name), role) for topic in TOPICS.all for role in topic.readers}
    assert set(EVENTS_OF) == writers
    assert set(READERS) == {place for place in readers if place[0] not in OTHER_FORMS}


def test_each_event_is_written_somewhere_and_used_by_somebody() -> None:
    written = {(family, kind) for (family, _), kinds in EVENTS_OF.items() for kind in kinds}
    used = {(family, kind) for (family, _), reader in READERS.items() for kind in reader.uses}
    assert {kind for _, kind in written} == set(EVENTS)
    assert {found for found in written if found[0] not in OTHER_FORMS} == used


@pytest.mark.parametrize(("family", "writer", "reader", "name", "version"), [*pairs()])
def test_a_reader_reads_what_it_has_use_for_and_passes_over_the_rest(
    family: str, writer: Role, reader: Role, name: str, version: int
) -> None:
    del writer  # whoever writes an event, its bytes are those of its schema
    event, value = read_example(name, version)
    if isinstance(event, models.JobSubmitted) and event.ordering_key is not None:
        # An example sets all fields; these two exclude each other.
        event = event.model_copy(update={"idempotency_key": None})
        value = CODEC.encode(event)
    record = inbound(topic_of(family), event, value)
    if isinstance(event, models.LogOpened) and family == "config":
        record = record._replace(key=KEY)
    uses = type(event) in READERS[family, reader].uses
    assert READERS[family, reader].read(record) == uses


@pytest.mark.parametrize("place", [*EVENTS_OF], ids=lambda place: f"{place[0]}-{place[1]}")
def test_each_writer_writes_what_the_table_says_in_the_right_place(place: Place) -> None:
    family, role = place
    found: set[type[Event]] = set()
    for record in records_of(place):
        event = CODEC.decode(record.value or b"")
        found.add(type(event))
        assert family_of(record.topic) == family
        _check_place(family, record.key, record.partition, event)
    by_copy = {models.RulesActivated} if place == ("events", Role.SCHEDULER) else set()
    if not (family == "submissions" and role is Role.PRODUCER):
        assert found | by_copy == set(EVENTS_OF[place])


@pytest.mark.parametrize("place", [*EVENTS_OF], ids=lambda place: f"{place[0]}-{place[1]}")
def test_each_record_has_the_headers_of_its_event(place: Place) -> None:
    for record in records_of(place):
        if place == ("events", Role.BRIDGE):
            continue  # a bridge passes on the headers that it finds
        event, headers = CODEC.decode(record.value or b""), dict(record.headers)
        name = type(event).__name__
        assert set(REQUIRED) <= set(headers), name
        assert headers["ce_type"] == f"joblog.{name}".encode()
        assert headers["ce_id"] == event.event_id.encode()
        assert headers["content-type"] == b"application/avro"
        if isinstance(event, models.JobDeadLettered):
            original = event.original
            assert headers["kafka_dlt-original-topic"] == original.topic.encode()
            assert headers["kafka_dlt-original-offset"] == original.offset.to_bytes(8, "big")
            assert headers["kafka_dlt-exception-fqcn"]
        if isinstance(event, JobEvent) and not isinstance(event, NOT_FROM_A_JOB):
            trace = headers.get("traceparent")
            assert trace in {TRACE.encode(), b"00-trace-span-01"}, name


@pytest.mark.parametrize("word", [*UNREADABLE])
@pytest.mark.parametrize("place", [*READERS], ids=lambda place: f"{place[0]}-{place[1]}")
def test_what_cannot_be_read_raises_nowhere(place: Place, word: str) -> None:
    record = inbound(topic_of(place[0]), read_example("Tick", 1).event)
    assert not READERS[place].read(record._replace(value=UNREADABLE[word]))


@pytest.mark.parametrize("kind", EVENTS)
@pytest.mark.parametrize("place", [*READERS], ids=lambda place: f"{place[0]}-{place[1]}")
def test_an_event_that_nobody_writes_there_raises_nowhere(place: Place, kind: type[Event]) -> None:
    event = read_example(kind.__name__, 1).event
    READERS[place].read(inbound(topic_of(place[0]), event))


def test_a_bridge_reads_what_serializers_submit_and_refuses_everything_else() -> None:
    registry = Registry()
    translated = asyncio.run(registry.translator.translated(submitted_record(value_of())))
    assert isinstance(CODEC.decode(translated.value or b""), models.JobSubmitted)
    for value in UNREADABLE.values():
        with pytest.raises(RefusedError):
            asyncio.run(registry.translator.translated(submitted_record(value)))


def _check_place(family: str, key: bytes | None, partition: int, event: Event) -> None:
    match event:
        case models.TypeAnnounced() if family == "config":
            assert key == f"type/{event.type}".encode()
        case models.LimitsAnnounced() if family == "config":
            assert key == b"limits"
        case models.OwnerAnnounced():
            assert key == f"owner/{event.partition}".encode()
        case models.LogOpened() if family == "config":
            assert key == KEY
        case models.SchemaAnnounced() if family == "schemas":
            assert key == event.fingerprint.hex().encode()
        case JobEvent():
            assert key == (event.key if event.job_id else None)
            assert partition == partition_of(event.key, SETTINGS.partitions)
        case _:
            assert key is None
