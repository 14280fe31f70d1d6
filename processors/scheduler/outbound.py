"""Emissions of the fold as records for Kafka."""

from functools import lru_cache

from joblog.lifecycle.delays import TIERS
from joblog.lifecycle.outputs import Destination
from joblog.lifecycle.partition.emissions import Emission
from joblog.schemas.codec import Codec
from joblog.schemas.models import Event
from joblog.streams.cloudevents import headers_for
from joblog.streams.records import Outbound
from joblog.streams.topics import TopicMap

SOURCE = "/joblog/scheduler"
_TIERS = {tier.name: tier for tier in TIERS}


class Addresses:
    """Gives each emission its topic, partition and headers."""

    def __init__(self, topics: TopicMap) -> None:
        """Use the topics of a map."""
        self._topics = topics
        self._codec = Codec()
        self._topic_of = lru_cache(maxsize=256)(self._find)

    @property
    def events_topic(self) -> str:
        """Name of the log's topic."""
        return self._topics.events.name

    def outbound(self, emission: Emission) -> Outbound:
        """Return the record to send.

        Raises:
            UnknownTopicError: the lane has no topic.
        """
        topic, partitioned = self._topic_of(emission.destination, emission.name)
        partition = emission.partition if partitioned else 0
        return Outbound(topic, partition, emission.key, emission.value, _headers(emission))

    def appended(self, event: Event, partition: int) -> Outbound:
        """Return the record by which an owner appends an event that is no job's to a partition."""
        name = type(event).__name__
        headers = headers_for(name, event.event_id, event.time, SOURCE)
        return Outbound(
            self._topics.events.name, partition, None, self._codec.encode(event), headers
        )

    def _find(self, destination: Destination, name: str) -> tuple[str, bool]:
        topics = self._topics
        match destination:
            case Destination.WORK:
                return topics.work(name).name, True
            case Destination.DELAY:
                return topics.delay(_TIERS[name]).name, True
            case Destination.DEAD_LETTERS:
                return topics.dead_letters.name, True
            case Destination.EVENTS:
                return topics.events.name, True
            case Destination.CONTROL:
                return topics.control.name, False


def _headers(emission: Emission) -> list[tuple[str, bytes | None]]:
    if emission.event is None:
        return [*emission.headers]
    name, event_id, time = emission.event
    return [*headers_for(name, event_id, time, SOURCE, emission.traceparent), *emission.headers]
