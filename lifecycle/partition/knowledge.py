"""What a partition's log has announced so far: its identity, limits, types, schemas and topics."""

from typing import Final, TypeVar

from joblog.lifecycle.errors import WrongLogError
from joblog.lifecycle.partition.keys import LIMITS, SCHEMAS, TOPICS, TYPES
from joblog.lifecycle.partition.scanning import chunks
from joblog.lifecycle.partition.view import StateView
from joblog.lifecycle.partition.working_set import WorkingSet
from joblog.schemas.codec import Codec
from joblog.schemas.models import (
    Event,
    LimitsAnnounced,
    LogOpened,
    SchemaAnnounced,
    TopicsAnnounced,
    TypeAnnounced,
)

UNANNOUNCED: Final = LimitsAnnounced(
    event_id="unannounced",
    time=0,
    version=1,
    dispatch_window=1_000,
    max_submission_bytes=1_048_576,
    max_record_bytes=1_310_720,
    max_dead_letter_bytes=2_097_152,
    loss_limit=3,
    unknown_type_grace_ms=600_000,
    unknown_schema_grace_ms=600_000,
)
"""What holds until a log announces its limits."""

E = TypeVar("E", bound=Event)


class Knowledge:
    """Everything that decisions know beside rows and events."""

    def __init__(
        self, codec: Codec, log_id: str | None = None, partitions: int = 0, rules: int = 1
    ) -> None:
        """Know the log's identity and rules at most; announced schemas go into the codec."""
        self._codec = codec
        self.limits = UNANNOUNCED
        self.types: dict[str, TypeAnnounced] = {}
        self.topics: dict[str, str] = {}
        self.log_id = log_id
        self.partitions = partitions
        self.rules = rules

    def load(self, committed: StateView) -> None:
        """Take up what was announced before."""
        limits = committed.get(LIMITS)
        if limits is not None:
            self.limits = self._decode(LimitsAnnounced, limits)
        topics = committed.get(TOPICS)
        if topics is not None:
            self.topics = dict(self._decode(TopicsAnnounced, topics).topics)
        for entries in chunks(committed, TYPES):
            for _, value in entries:
                known = self._decode(TypeAnnounced, value)
                self.types[known.type] = known
        for entries in chunks(committed, SCHEMAS):
            for _, value in entries:
                self._codec.learn(self._decode(SchemaAnnounced, value))

    def knows(self, fingerprint: bytes) -> bool:
        """Return whether a schema can be read."""
        return self._codec.knows(fingerprint)

    def check_log(self, log_id: str) -> None:
        """Make sure that what is known is about this log.

        Raises:
            WrongLogError: it is about another one.
        """
        if self.log_id not in {None, log_id}:
            raise WrongLogError("id", self.log_id, log_id)

    def opened(self, event: LogOpened) -> bool:
        """Take up the log's identity; return whether it is new.

        Raises:
            WrongLogError: it is not the log that the state was folded from.
        """
        if self.log_id is None:
            self.log_id, self.partitions = event.log_id, event.partitions
            return True
        for what, expected, found in (
            ("id", self.log_id, event.log_id),
            ("partition count", self.partitions, event.partitions),
        ):
            if expected != found:
                raise WrongLogError(what, expected, found)
        return False

    def limits_announced(self, event: LimitsAnnounced, state: WorkingSet) -> bool:
        """Take up limits; an equal or older version changes nothing."""
        if self.limits is not UNANNOUNCED and event.version <= self.limits.version:
            return False
        self.limits = event
        state.put(LIMITS, self._codec.encode(event))
        return True

    def type_announced(self, event: TypeAnnounced, state: WorkingSet) -> bool:
        """Take up a type; an equal or older version changes nothing."""
        known = self.types.get(event.type)
        if known is not None and event.version <= known.version:
            return False
        self.types[event.type] = event
        state.put(TYPES + event.type.encode(), self._codec.encode(event))
        return True

    def topics_announced(self, event: TopicsAnnounced, state: WorkingSet) -> list[str]:
        """Take up which topics there are; return the names of those that are others than before."""
        others, known = self.others(event), self.topics
        self.topics = known | event.topics
        if self.topics != known:
            state.put(TOPICS, self._codec.encode(event.model_copy(update={"topics": self.topics})))
        return others

    def others(self, event: TopicsAnnounced) -> list[str]:
        """Return the names of the topics that are others than is known."""
        return [name for name, id_ in event.topics.items() if self.topics.get(name, id_) != id_]

    def schema_announced(self, event: SchemaAnnounced, state: WorkingSet) -> bool:
        """Take up a schema; one that is known changes nothing.

        Raises:
            UndecodableError, ConflictingSchemaError: as `Codec.learn`.
        """
        key = SCHEMAS + event.fingerprint.hex().encode()
        if state.get(key) is not None:
            return False
        self._codec.learn(event)
        state.put(key, self._codec.encode(event))
        return True

    def _decode(self, kind: type[E], value: bytes) -> E:
        event = self._codec.decode(value)
        if not isinstance(event, kind):
            raise TypeError(f"expected {kind.__name__} in the state, found {type(event).__name__}")
        return event
