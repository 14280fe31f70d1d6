"""Records of each writer, made by the functions that make them in its process."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from joblog.client.records import Records
from joblog.lifecycle.dead_letters import original_of
from joblog.lifecycle.decisions import Refusal
from joblog.lifecycle.delays import TIERS
from joblog.lifecycle.outputs import Destination, Output
from joblog.lifecycle.partition.emissions import emission
from joblog.lifecycle.partition.knowledge import UNANNOUNCED
from joblog.lifecycle.reasons import Reason
from joblog.lifecycle.records import Inbound
from joblog.processors.bridge import outbound as bridge
from joblog.processors.bridge.errors import RefusedError
from joblog.processors.dead_letters.letters import DeadLetter
from joblog.processors.dead_letters.remedies import Remedies, Request
from joblog.processors.delays import outbound as delays
from joblog.processors.delays.backlog import Entry, TierBacklog
from joblog.processors.delays.records import Delayed, Refused, read
from joblog.processors.delays.steps import DeadLetter as DeadLetterStep
from joblog.processors.delays.steps import Hop, Wake
from joblog.processors.scheduler import outbound as scheduler
from joblog.processors.scheduler.bulletin import Bulletin
from joblog.processors.scheduler.declarations import Declarations
from joblog.processors.scheduler.ownership import AnnouncedOwner
from joblog.processors.worker import dead_letters as worker_letters
from joblog.processors.worker import failures
from joblog.processors.worker.declarations import Declarations as WorkerDeclarations
from joblog.processors.worker.leases import Sign
from joblog.processors.worker.outcomes import Cancelled, Released, Succeeded
from joblog.processors.worker.reports import Reports
from joblog.processors.worker.writer_schemas import WriterSchemas
from joblog.schemas import models
from joblog.schemas.avro_schema import AvroSchema
from joblog.streams.cloudevents import headers_for
from joblog.streams.kafka.log_opening import opening_record
from joblog.streams.records import Outbound
from joblog.streams.roles import Role
from tests.contract.written import (
    CODEC,
    DELAYED,
    EVENTS_OF,
    NOW,
    SETTINGS,
    TOPICS,
    TRACE,
    Kept,
    Place,
    example,
    family_of,
    inbound,
)
from tests.unit.bridge.test_translation import Log as Registry
from tests.unit.bridge.test_translation import record as submitted_record
from tests.unit.bridge.test_translation import value_of
from tests.unit.worker.making import attempt, dispatch


def records_of(place: Place) -> list[Outbound]:
    """Return records of a writer, at least one of each event that it writes there."""
    family, role = place
    return _BY_ROLE[role](family)


def _by_producers(family: str) -> list[Outbound]:
    records = Records(TOPICS, lambda: "id", lambda: NOW)
    match family:
        case "events":
            submission = records.submission(example(models.JobSubmitted), TRACE, 1_000_000)
            return [submission, records.cancel_request("job", 1, "me", "enough")]
        case "schemas":
            return [records.schema(_payload())]
        case _:  # serializers of a registry write there, which frame by themselves
            return []


def _by_bridges(family: str) -> list[Outbound]:
    record = submitted_record(value_of())._replace(partition=0)
    match family:
        case "events":
            return [asyncio.run(Registry().translator.translated(record))]
        case "dlq":
            refused = RefusedError(Refusal(Reason.ILLEGAL, "no"), example(models.JobSubmitted))
            return [bridge.dead_letter(record, refused, TOPICS, CODEC)]
        case _:
            return [Records(TOPICS, lambda: "id", lambda: NOW).schema(_payload())]


def _by_schedulers(family: str) -> list[Outbound]:
    addresses = scheduler.Addresses(TOPICS)
    destinations = {
        "events": Destination.EVENTS,
        "work": Destination.WORK,
        "delay": Destination.DELAY,
        "dlq": Destination.DEAD_LETTERS,
        "control": Destination.CONTROL,
    }
    if family == "config":
        return asyncio.run(_declared_by_schedulers())
    if family == "table":
        return []
    made = []
    for kind in EVENTS_OF[family, Role.SCHEDULER]:
        event = example(kind)
        if isinstance(event, models.JobEvent):
            output = Output(destinations[family], event, "default", TRACE)
            made.append(addresses.outbound(emission(output, CODEC, 0, UNANNOUNCED)))
        else:
            made.append(addresses.appended(event, 0))
    return made


async def _declared_by_schedulers() -> list[Outbound]:
    publisher = Kept()
    declarations = Declarations(SETTINGS, "log", publisher, Bulletin(lambda: NOW), lambda: NOW)
    declarations.config.caught_up.set()
    await declarations.declare_limits()
    await declarations.declare_log()
    topic = TOPICS.config.name
    owner = AnnouncedOwner(NoOwner(), publisher, topic, lambda: "http://a", lambda: NOW)
    await owner.open(0)
    return publisher.records


def _by_workers(family: str) -> list[Outbound]:
    one = attempt(dispatch())
    reports = Reports(TOPICS.events.name, "me", 30_000, lambda: NOW)
    match family:
        case "events":
            one.started_at = NOW
            failed = failures.raised(ValueError("no"))
            outcomes = (Succeeded(b"r", bytes(8)), failed, Cancelled(), Released("shutdown"))
            signs = (Sign(one, started=True), Sign(one, started=False))
            return [
                *(reports.outcome(one, outcome) for outcome in outcomes),
                *(reports.sign(sign) for sign in signs),
                reports.lost(one, "gone"),
            ]
        case "dlq":
            record = inbound(TOPICS.works[0].name, example(models.Tick))
            refusal = worker_letters.wrong_event(example(models.JobDispatched))
            return [worker_letters.dead_letter(record, refusal, TOPICS, CODEC)]
        case _:
            return asyncio.run(_declared_by_workers(family))


async def _declared_by_workers(family: str) -> list[Outbound]:
    publisher, schemas = Kept(), WriterSchemas(CODEC)
    declarations = WorkerDeclarations(SETTINGS, publisher, schemas, "me", lambda: NOW)
    if family == "schemas":
        return [declarations.schema_record(_payload(), NOW)]
    return [declarations.type_record(example(models.TypeAnnounced))]


def _by_delays(family: str) -> list[Outbound]:
    addresses = delays.Addresses(TOPICS, CODEC)
    found = [inbound(TOPICS.delays[1].name, example(kind)) for kind in DELAYED]
    if family == "dlq":
        refused = Refused(found[0], Reason.ILLEGAL, "no", example(models.JobDeferred))
        return [addresses.outbound(DeadLetterStep(_entry(refused), refused))]
    made = []
    for record in found:
        delayed = read(record, CODEC)
        assert isinstance(delayed, Delayed)
        wake = Wake(_entry(delayed), delayed.wake_up)
        step = wake if family == "events" else Hop(_entry(delayed), _with_headers(record), TIERS[0])
        made.append(addresses.outbound(step))
    return made


def _by_operators(family: str) -> list[Outbound]:
    records = Records(TOPICS, lambda: "id", lambda: NOW)
    if family == "schemas":
        return [records.schema(_payload())]
    remedies, request = Remedies(TOPICS.events.name, lambda: "id", lambda: NOW), Request("me")
    letter = DeadLetter(0, 7, NOW, example(models.JobDeadLettered))
    if family == "events":
        return [remedies.redrive_job(letter, request), remedies.discard_job(letter, request)]
    made = []
    for kind in EVENTS_OF[family, Role.OPERATOR]:
        topic = next(topic.name for topic in TOPICS.all if family_of(topic.name) == family)
        original = original_of(_with_headers(inbound(topic, example(kind))))
        made.append(remedies.redrive_record(letter, original))
    return made


def _by_deployers(family: str) -> list[Outbound]:
    assert family == "events"
    return [opening_record(CODEC, TOPICS.events, 0, "log", NOW)]


def _entry(item: Delayed | Refused) -> Entry:
    return TierBacklog(TIERS[1], read_ahead=10).add(item)


def _with_headers(record: Inbound) -> Inbound:
    event = CODEC.decode(record.value or b"")
    name = type(event).__name__
    headers = headers_for(name, event.event_id, event.time, scheduler.SOURCE, TRACE)
    return record._replace(headers=tuple(headers))


def _payload() -> AvroSchema:
    return AvroSchema.of({"type": "record", "name": "Mail", "fields": []})


class NoOwner:
    """An owner that does nothing."""

    async def open(self, partition: int) -> int:
        return partition

    async def process(self, partition: int, records: Sequence[Inbound]) -> None:
        del partition, records

    async def close(self, partition: int) -> None:
        del partition


_BY_ROLE: Final[Mapping[Role, Callable[[str], list[Outbound]]]] = {
    Role.PRODUCER: _by_producers,
    Role.BRIDGE: _by_bridges,
    Role.SCHEDULER: _by_schedulers,
    Role.WORKER: _by_workers,
    Role.DELAYS: _by_delays,
    Role.OPERATOR: _by_operators,
    Role.DEPLOYER: _by_deployers,
}
