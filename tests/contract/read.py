"""Who reads what of a topic: by the functions that the readers decode records with."""

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from joblog.client.announced import Announced
from joblog.client.history import event_of
from joblog.client.schemas import FoundSchemas
from joblog.lifecycle.partition.fold import PartitionFold
from joblog.lifecycle.partition.knowledge import UNANNOUNCED
from joblog.lifecycle.reasons import Reason
from joblog.lifecycle.records import Inbound
from joblog.lifecycle.rules_v1 import RulesV1
from joblog.processors.dead_letters.letters import letter_of
from joblog.processors.delays.records import Delayed, read
from joblog.processors.scheduler.bulletin import Bulletin, declared
from joblog.processors.worker.buffer import PriorityBuffer
from joblog.processors.worker.cancels import Cancels
from joblog.processors.worker.claims import ClaimLedger
from joblog.processors.worker.declarations import Declarations
from joblog.processors.worker.intake import Destinations, Intake
from joblog.processors.worker.observer import Unobserved
from joblog.processors.worker.reporter import Reporter
from joblog.processors.worker.reports import Reports
from joblog.processors.worker.tenure import Tenure
from joblog.processors.worker.writer_schemas import WriterSchemas
from joblog.schemas import models
from joblog.schemas.codec import Codec
from joblog.schemas.models import Event, JobDeadLettered
from joblog.streams.kafka.log_identity import announced_in
from joblog.streams.kafka.log_opening import opening_in
from joblog.streams.roles import Role
from tests.contract.written import (
    CODEC,
    DELAYED,
    EVENTS_OF,
    LETTER,
    NOW,
    SCHEMA,
    SETTINGS,
    TOPICS,
    Kept,
    Place,
)
from tests.unit.lifecycle.partition_log import DictView
from tests.unit.worker.jobs import REGISTRY

Read = Callable[[Inbound], bool]
"""Reads a record as a reader does, and says whether that reader has use for it."""


class Reader(NamedTuple):
    """A reader of a family of topics.

    Attributes:
        read: what it does with a record.
        uses: the events that it has use for; it passes over the others, without an error.
    """

    read: Read
    uses: tuple[type[Event], ...]


def of_family(family: str) -> tuple[type[Event], ...]:
    """Return all events that anybody writes to a family of topics."""
    return tuple(
        {kind: None for place, kinds in EVENTS_OF.items() if place[0] == family for kind in kinds}
    )


def fold(record: Inbound) -> bool:
    """Fold a record, alone in a partition that knows the lanes of the types.

    The contract has two refusals of what is written as it should be: of an event about a job that nobody has
    submitted there, and of what these rules do not have.
    """
    folding = PartitionFold(record.topic, 0, DictView(), {1: RulesV1(), 2: RulesV1()})
    limits = UNANNOUNCED.model_copy(update={"lanes": SETTINGS.lanes})
    folding.apply(record._replace(key=None, value=CODEC.encode(limits)))
    folded = folding.apply(record._replace(offset=1))
    reasons = {
        event.reason
        for emission in folded.emissions
        if isinstance(event := CODEC.decode(emission.value or b""), JobDeadLettered)
    }
    return bool(folded.event) and reasons <= {Reason.UNKNOWN_JOB, Reason.UNSUPPORTED}


def take_in(record: Inbound) -> bool:
    """Sort a record of a work topic; what can run is in the buffer."""
    buffer, codec = PriorityBuffer(), Codec()
    destinations = Destinations(
        topics=TOPICS,
        codec=codec,
        schemas=WriterSchemas(codec),
        registry=REGISTRY,
        reports=Reports(TOPICS.events.name, "me", 30_000, lambda: NOW),
        reporter=Reporter(Kept()),
        observer=Unobserved(),
        elapsed_ms=lambda: 0,
    )
    at: Any = (record.topic, record.partition)
    tenure = Tenure(at, ClaimLedger("log", "me", record.offset), "", "topic")
    Intake(destinations, buffer, 1_000).take(tenure, [record])
    return len(buffer) == 1


def learn_schema(record: Inbound) -> bool:
    """Learn a schema as workers and bridges do."""
    schemas, event = WriterSchemas(Codec()), _decoded(record)
    schemas.learn(record)
    return isinstance(event, models.SchemaAnnounced) and schemas.was_announced(event.fingerprint)


def find_schema(record: Inbound) -> bool:
    """Find a schema as clients do."""
    found = FoundSchemas()
    found.learn([record.value])
    return bool(found.schemas)


def follow(record: Inbound) -> bool:
    """Take in what is announced, as clients do."""
    announced = Announced(SETTINGS)
    announced.learn(record)
    return bool(announced.owners or announced.types or announced.limits)


def types_of(record: Inbound) -> bool:
    """Look for types, as workers do before they declare theirs."""
    declarations = Declarations(SETTINGS, Kept(), WriterSchemas(Codec()), "me", lambda: NOW)
    return bool(list(declarations.types_in([record.value])))


def bulletin(record: Inbound) -> bool:
    """Take in what is declared for all partitions."""
    event, news = declared(record, Codec(), TOPICS), Bulletin(lambda: NOW)
    if event is not None:
        news.declare(event)
    return news.version > 0


def is_history(record: Inbound) -> bool:
    """Read an entry of a job's history."""
    return event_of(record, Codec()) is not None


def _decoded(record: Inbound) -> Event | None:
    return event_of(record, Codec())


IDENTITY: Final = Reader(lambda record: announced_in(record) is not None, (models.LogOpened,))
CLIENT: Final = Reader(
    follow, (models.TypeAnnounced, models.LimitsAnnounced, models.OwnerAnnounced)
)
FINDS: Final = Reader(find_schema, SCHEMA)
LEARNS: Final = Reader(learn_schema, SCHEMA)

READERS: Final[Mapping[Place, Reader]] = {
    ("events", Role.SCHEDULER): Reader(fold, of_family("events")),
    ("events", Role.OPERATOR): Reader(is_history, of_family("events")),
    ("events", Role.DEPLOYER): Reader(
        lambda record: opening_in(Codec(), record.value) is not None, (models.LogOpened,)
    ),
    ("work", Role.WORKER): Reader(take_in, of_family("work")),
    ("work", Role.OPERATOR): Reader(is_history, of_family("work")),
    ("delay", Role.DELAYS): Reader(
        lambda record: isinstance(read(record, Codec()), Delayed), DELAYED
    ),
    ("delay", Role.OPERATOR): Reader(is_history, DELAYED),
    ("dlq", Role.OPERATOR): Reader(lambda record: letter_of(record) is not None, LETTER),
    ("control", Role.WORKER): Reader(
        lambda record: Cancels().learn(record) is not None, of_family("control")
    ),
    ("control", Role.OPERATOR): Reader(is_history, of_family("control")),
    ("config", Role.SCHEDULER): Reader(bulletin, (models.TypeAnnounced, models.LimitsAnnounced)),
    ("config", Role.WORKER): Reader(types_of, (models.TypeAnnounced,)),
    ("config", Role.PRODUCER): CLIENT,
    ("config", Role.OPERATOR): CLIENT,
    ("config", Role.DELAYS): IDENTITY,
    ("config", Role.BRIDGE): IDENTITY,
    ("config", Role.DEPLOYER): IDENTITY,
    ("schemas", Role.SCHEDULER): Reader(bulletin, SCHEMA),
    ("schemas", Role.WORKER): LEARNS,
    ("schemas", Role.BRIDGE): LEARNS,
    ("schemas", Role.PRODUCER): FINDS,
    ("schemas", Role.OPERATOR): FINDS,
}
"""Readers of events; what serializers of a registry submit and the rows of tables have other forms."""

OTHER_FORMS: Final = ("submissions", "table")
