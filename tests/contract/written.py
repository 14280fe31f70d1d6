"""Which events each writer of the map of topics writes, and what the tests here share."""

from collections.abc import Mapping, Sequence
from typing import Final, TypeVar

from joblog.lifecycle.records import Inbound
from joblog.schemas import models
from joblog.schemas.codec import Codec
from joblog.schemas.models import Event
from joblog.streams.records import Outbound, Position
from joblog.streams.roles import Role
from joblog.streams.settings import Settings
from joblog.streams.topics import TopicMap
from tests.unit.schemas.examples import VERSIONS, read_example

SETTINGS: Final = Settings(
    namespace="t", partitions=1, lanes=("default", "bulk"), registry={"url": "http://127.0.0.1:9"}
)
TOPICS: Final = TopicMap.of(SETTINGS)
CODEC: Final = Codec()
NOW: Final = 1_700_000_000_000
TRACE: Final = "00-11111111111111111111111111111111-2222222222222222-01"
Place = tuple[str, Role]
"""A family of topics, such as `work`, and a role."""

REPORTS: Final = (
    models.AttemptStarted,
    models.AttemptHeartbeat,
    models.AttemptSucceeded,
    models.AttemptFailed,
    models.AttemptLost,
    models.AttemptReleased,
    models.AttemptCancelled,
)
DELAYED: Final = (models.JobDeferred, models.RetryScheduled)
LETTER: Final = (models.JobDeadLettered,)
SCHEMA: Final = (models.SchemaAnnounced,)

EVENTS_OF: Final[Mapping[Place, tuple[type[Event], ...]]] = {
    ("submissions", Role.PRODUCER): (models.JobSubmitted,),
    ("submissions", Role.OPERATOR): (models.JobSubmitted,),
    ("events", Role.PRODUCER): (models.JobSubmitted, models.JobCancelRequested),
    ("events", Role.BRIDGE): (models.JobSubmitted,),
    ("events", Role.SCHEDULER): (
        models.JobCancelled,
        models.JobExpired,
        models.LeaseExpired,
        models.Tick,
        models.TypeAnnounced,
        models.SchemaAnnounced,
        models.LimitsAnnounced,
        models.RulesActivated,
        models.TopicsAnnounced,
    ),
    ("events", Role.WORKER): REPORTS,
    ("events", Role.DELAYS): (models.DelayElapsed,),
    ("events", Role.OPERATOR): (models.JobRedriven, models.DeadLetterDiscarded),
    ("events", Role.DEPLOYER): (models.LogOpened,),
    ("work", Role.SCHEDULER): (models.JobDispatched,),
    ("work", Role.OPERATOR): (models.JobDispatched,),
    ("delay", Role.SCHEDULER): DELAYED,
    ("delay", Role.DELAYS): DELAYED,
    ("delay", Role.OPERATOR): DELAYED,
    ("dlq", Role.SCHEDULER): LETTER,
    ("dlq", Role.WORKER): LETTER,
    ("dlq", Role.DELAYS): LETTER,
    ("dlq", Role.BRIDGE): LETTER,
    ("control", Role.SCHEDULER): (models.JobCancelRequested,),
    ("config", Role.WORKER): (models.TypeAnnounced,),
    ("config", Role.SCHEDULER): (
        models.LimitsAnnounced,
        models.OwnerAnnounced,
        models.LogOpened,
    ),
    ("schemas", Role.PRODUCER): SCHEMA,
    ("schemas", Role.BRIDGE): SCHEMA,
    ("schemas", Role.WORKER): SCHEMA,
    ("schemas", Role.OPERATOR): SCHEMA,
    ("table", Role.SCHEDULER): (),
}
"""What each writer of the map of topics puts there; tables hold rows, which are no events."""

E = TypeVar("E", bound=Event)


def family_of(topic: str) -> str:
    """Return the family of a topic: its name without namespace, lane, tier and table."""
    return topic.split(".")[1]


def example(kind: type[E]) -> E:
    """Return the golden example of an event, in its newest version."""
    version = max(version for name, version in VERSIONS if name == kind.__name__)
    event = read_example(kind.__name__, version).event
    assert isinstance(event, kind)
    return event


def inbound(topic: str, event: Event, value: bytes | None = None) -> Inbound:
    """Return a record of an event as it is read."""
    key = event.key if isinstance(event, models.JobEvent) else None
    headers = (("traceparent", TRACE.encode()),)
    return Inbound(topic, 0, 0, NOW, key, value or CODEC.encode(event), headers)


class Kept:
    """A publisher that keeps what it is given."""

    def __init__(self) -> None:
        self.records: list[Outbound] = []

    async def publish(self, records: Sequence[Outbound]) -> Sequence[Position]:
        self.records += records
        return [Position(record.partition, 0) for record in records]
