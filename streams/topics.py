"""The map of all topics: keys, partitions, retention, compaction, sizes, writers and readers.

Every topic has the broker's clock (``message.timestamp.type=LogAppendTime``): log time decides.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Self

from joblog.lifecycle.delays import TIERS, Tier
from joblog.streams.errors import UnknownTopicError
from joblog.streams.roles import Role
from joblog.streams.settings import LimitsSettings, Settings
from joblog.streams.topic import (
    COMPACTED,
    FORGOTTEN,
    KEPT,
    PURGED,
    TOMBSTONE_RETENTION_MS,
    Retention,
    Topic,
)

__all__ = ["TOMBSTONE_RETENTION_MS", "Topic", "TopicMap"]


@dataclass(frozen=True)
class TopicMap:
    """All topics of one log.

    Args:
        namespace: prefix of their names.
        lanes: lanes of work.
        partitions: partition count of all topics that have a job's or a partition's records.
        replication_factor: copies of each record, when joblog creates the topics.
        limits: the largest values.
        has_registry: whether there is a schema registry, whose serializers write to a topic of their own.
    """

    namespace: str
    lanes: tuple[str, ...] = ("default",)
    partitions: int = 4
    replication_factor: int = 1
    limits: LimitsSettings = field(default_factory=LimitsSettings)
    has_registry: bool = False

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Return the topics that settings ask for."""
        return cls(
            settings.namespace,
            settings.lanes,
            settings.partitions,
            settings.replication_factor,
            settings.limits,
            has_registry=settings.registry.url is not None,
        )

    @cached_property
    def events(self) -> Topic:
        """The log itself."""
        return self._topic(
            "events",
            "the events of all jobs, and what decisions depend on",
            key="job id; none for what concerns the partition",
            writers=(
                Role.PRODUCER,
                Role.BRIDGE,
                Role.SCHEDULER,
                Role.WORKER,
                Role.DELAYS,
                Role.OPERATOR,
                Role.DEPLOYER,
            ),
            readers=(Role.SCHEDULER, Role.OPERATOR, Role.DEPLOYER),
            max_value_bytes=self.limits.max_submission_bytes,
            retention=KEPT,
        )

    @cached_property
    def submissions(self) -> Topic:
        """What serializers of a schema registry submit."""
        return self._topic(
            "submissions",
            "`JobSubmitted` in Confluent framing; only where `registry.url` is set",
            key="job id",
            writers=(Role.PRODUCER, Role.OPERATOR),
            readers=(Role.BRIDGE, Role.OPERATOR),
            max_value_bytes=self.limits.max_submission_bytes,
            retention=KEPT,
        )

    @cached_property
    def works(self) -> tuple[Topic, ...]:
        """The work topics, one a lane."""
        return tuple(
            self._topic(
                f"work.{lane}",
                "attempts to run: `JobDispatched`",
                key="job id",
                writers=(Role.SCHEDULER, Role.OPERATOR),
                readers=(Role.WORKER, Role.OPERATOR),
                max_value_bytes=self.limits.max_record_bytes,
                retention=PURGED,
            )
            for lane in self.lanes
        )

    @cached_property
    def delays(self) -> tuple[Topic, ...]:
        """The delay topics, one a tier, by rising wait."""
        return tuple(
            self._topic(
                f"delay.{tier.name}",
                f"`RetryScheduled` and `JobDeferred`, each for {tier.wait_ms // 1_000:,} s",
                key="job id",
                writers=(Role.SCHEDULER, Role.DELAYS, Role.OPERATOR),
                readers=(Role.DELAYS, Role.OPERATOR),
                max_value_bytes=self.limits.max_record_bytes,
                retention=PURGED,
            )
            for tier in TIERS
        )

    @property
    def passing(self) -> tuple[Topic, ...]:
        """The topics whose records pass on: work and delays."""
        return (*self.works, *self.delays)

    @cached_property
    def dead_letters(self) -> Topic:
        """The dead-letter queue."""
        return self._topic(
            "dlq",
            "`JobDeadLettered`: jobs that failed for good and records that could not be read",
            key="job id; null where the record is no job's",
            writers=(Role.SCHEDULER, Role.WORKER, Role.DELAYS, Role.BRIDGE),
            readers=(Role.OPERATOR,),
            max_value_bytes=self.limits.max_dead_letter_bytes,
            retention=KEPT,
        )

    @cached_property
    def control(self) -> Topic:
        """What workers have to know about attempts that they may be running."""
        return self._topic(
            "control",
            "`JobCancelRequested` of dispatched jobs",
            key="job id",
            writers=(Role.SCHEDULER,),
            readers=(Role.WORKER, Role.OPERATOR),
            max_value_bytes=self.limits.max_submission_bytes,
            retention=FORGOTTEN,
            partitions=1,
        )

    @cached_property
    def config(self) -> Topic:
        """What is declared for the whole log."""
        return self._topic(
            "config",
            "`LogOpened`, `TypeAnnounced`, `LimitsAnnounced`, `RulesActivated`, `OwnerAnnounced`",
            key="what it is about",
            writers=(Role.WORKER, Role.SCHEDULER),
            readers=tuple(Role),
            max_value_bytes=self.limits.max_submission_bytes,
            retention=COMPACTED,
            partitions=1,
        )

    @cached_property
    def schemas(self) -> Topic:
        """The schemas of events and payloads."""
        return self._topic(
            "schemas",
            "`SchemaAnnounced`: each schema before its first use",
            key="fingerprint",
            writers=(Role.PRODUCER, Role.BRIDGE, Role.WORKER, Role.OPERATOR),
            readers=(
                Role.SCHEDULER,
                Role.WORKER,
                Role.PRODUCER,
                Role.BRIDGE,
                Role.OPERATOR,
            ),
            max_value_bytes=self.limits.max_submission_bytes,
            retention=COMPACTED,
            partitions=1,
        )

    @cached_property
    def table_jobs(self) -> Topic:
        """The changelog of the table of jobs."""
        return self._topic(
            "table.jobs",
            "rows of the table of jobs; one fenced writer for each partition",
            key="job id",
            writers=(Role.SCHEDULER,),
            readers=(Role.SCHEDULER, Role.OPERATOR),
            max_value_bytes=self.limits.max_dead_letter_bytes,
            retention=COMPACTED,
        )

    @cached_property
    def table_log(self) -> Topic:
        """The changelog of the table of what each partition knows."""
        return self._topic(
            "table.log",
            "what a partition knows: its position, types, schemas, limits; the same fenced writer",
            key="name of the entry",
            writers=(Role.SCHEDULER,),
            readers=(Role.SCHEDULER, Role.OPERATOR),
            max_value_bytes=self.limits.max_dead_letter_bytes,
            retention=COMPACTED,
        )

    @property
    def max_batch_bytes(self) -> int:
        """Most bytes of a batch that every topic takes."""
        return min(topic.max_record_bytes for topic in self.all)

    @property
    def max_request_bytes(self) -> int:
        """Most bytes of a batch that any topic takes."""
        return max(topic.max_message_bytes for topic in self.all)

    @cached_property
    def all(self) -> tuple[Topic, ...]:
        """All topics, in the order in which records pass them."""
        return (
            *((self.submissions,) if self.has_registry else ()),
            self.events,
            *self.works,
            *self.delays,
            self.dead_letters,
            self.control,
            self.config,
            self.schemas,
            self.table_jobs,
            self.table_log,
        )

    @cached_property
    def by_name(self) -> Mapping[str, Topic]:
        """All topics by their full names."""
        return {topic.name: topic for topic in self.all}

    def work(self, lane: str) -> Topic:
        """Return the work topic of a lane.

        Raises:
            UnknownTopicError: there is no such lane.
        """
        return self.named(f"{self.namespace}.work.{lane}")

    def delay(self, tier: Tier) -> Topic:
        """Return the topic of a delay tier."""
        return self.named(f"{self.namespace}.delay.{tier.name}")

    def named(self, name: str) -> Topic:
        """Return the topic of that full name.

        Raises:
            UnknownTopicError: there is no such topic.
        """
        try:
            return self.by_name[name]
        except KeyError:
            raise UnknownTopicError(name) from None

    def _topic(  # noqa: PLR0913 - all of them are what a topic is
        self,
        suffix: str,
        holds: str,
        *,
        key: str,
        writers: tuple[Role, ...],
        readers: tuple[Role, ...],
        max_value_bytes: int,
        retention: Retention,
        partitions: int | None = None,
    ) -> Topic:
        return Topic(
            name=f"{self.namespace}.{suffix}",
            partitions=partitions or self.partitions,
            replication_factor=self.replication_factor,
            holds=holds,
            key=key,
            writers=writers,
            readers=readers,
            max_value_bytes=max_value_bytes,
            retention=retention,
        )
