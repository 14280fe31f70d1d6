"""What is declared for the whole log, and which partitions have yet to be told.

Decisions know only what their own partition announced (invariant 1), so its owner copies declarations in.
"""

from collections.abc import Callable, Mapping

from joblog.lifecycle.partition.knowledge import UNANNOUNCED, Knowledge
from joblog.lifecycle.records import Inbound
from joblog.schemas.codec import Codec
from joblog.schemas.errors import ConflictingSchemaError, UndecodableError, UnknownSchemaError
from joblog.schemas.models import (
    Event,
    LimitsAnnounced,
    RulesActivated,
    SchemaAnnounced,
    TopicsAnnounced,
    TypeAnnounced,
)
from joblog.streams.topics import TopicMap

REPEAT_AFTER_MS = 5_000
"""A copy that was not read back after this long is appended again."""


class Bulletin:
    """The newest declaration of each kind, and when each partition was last told.

    Attributes:
        version: grows with each declaration that is taken in.
    """

    def __init__(self, clock: Callable[[], int]) -> None:
        """Begin empty; `clock` gives ms."""
        self.version = 0
        self._clock = clock
        self._declared: dict[str, Event] = {}
        self._told: dict[tuple[int, str, str], int] = {}

    def declare(self, event: Event) -> None:
        """Take in a declaration; an older version than the known one changes nothing."""
        name = name_of(event)
        if name is None:
            return
        known = self._declared.get(name)
        if known is None or _version(event) >= _version(known):
            self._declared[name] = event
            self.version += 1

    def limits(self) -> LimitsAnnounced | None:
        """Return the declared limits."""
        found = self._declared.get("limits")
        return found if isinstance(found, LimitsAnnounced) else None

    def news_for(self, partition: int, knowledge: Knowledge) -> list[Event]:
        """Return what a partition does not know yet and was not told just now."""
        news = [event for event in self._declared.values() if _is_news(event, knowledge)]
        return [event for event in news if self._is_to_be_told(partition, event)]

    def _is_to_be_told(self, partition: int, event: Event) -> bool:
        key = (partition, name_of(event) or "", event.event_id)
        now = self._clock()
        if now - self._told.get(key, -REPEAT_AFTER_MS) < REPEAT_AFTER_MS:
            return False
        self._told[key] = now
        return True


def declared(record: Inbound, codec: Codec, topics: TopicMap) -> Event | None:
    """Return what a record of the config or schemas topic declares; None where nothing that is possible.

    Its copy has to go into the events topic; what every partition refuses would be appended again for ever.
    The codec learns the schemas that are announced.
    """
    if record.value is None or len(record.value) > topics.events.max_value_bytes:
        return None
    try:
        event = codec.decode(record.value)
        if isinstance(event, SchemaAnnounced):
            codec.learn(event)
    except (UnknownSchemaError, UndecodableError, ConflictingSchemaError):
        return None
    has_no_lane = isinstance(event, TypeAnnounced) and event.lane not in topics.lanes
    # Which topics there are is what Kafka says, not what somebody has written down.
    return None if has_no_lane or isinstance(event, TopicsAnnounced) else event


def limits_announced(limits: Mapping[str, object], version: int, now: int) -> LimitsAnnounced:
    """Return the announcement of a log's limits; `now` in ms since the Unix epoch."""
    head = {"event_id": f"limits-{version}", "time": now, "version": version}
    return LimitsAnnounced.model_validate(head | dict(limits))


def name_of(event: Event) -> str | None:
    """Return the record key of a declaration on the config and schemas topics, None for other events."""
    match event:
        case TypeAnnounced():
            return f"type/{event.type}"
        case LimitsAnnounced():
            return "limits"
        case RulesActivated():
            return "rules"
        case SchemaAnnounced():
            return event.fingerprint.hex()
        case TopicsAnnounced():
            return "topics"
        case _:
            return None


def _version(event: Event) -> int:
    match event:
        case TypeAnnounced() | LimitsAnnounced():
            return event.version
        case RulesActivated():
            return event.rules
        case _:
            return 0


def _is_news(event: Event, knowledge: Knowledge) -> bool:
    match event:
        case TypeAnnounced():
            known = knowledge.types.get(event.type)
            is_newer = known is None or event.version > known.version
            return is_newer and event.lane in knowledge.limits.lanes
        case LimitsAnnounced():
            return knowledge.limits is UNANNOUNCED or event.version > knowledge.limits.version
        case RulesActivated():
            return event.rules > knowledge.rules
        case TopicsAnnounced():
            return not event.topics.items() <= knowledge.topics.items()
        case SchemaAnnounced():
            return event.name.startswith("joblog.") and not knowledge.knows(event.fingerprint)
        case _:
            return False
