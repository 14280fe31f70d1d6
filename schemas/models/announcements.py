"""Events by which decisions come to know types, schemas, limits, rules, topics and owners."""

from typing import Annotated, Self

from pydantic import Field

from joblog.schemas.avro_schema import AvroSchema
from joblog.schemas.models.envelope import (
    Duration,
    Event,
    Fingerprint,
    Name,
    Ordinal,
    RetryPolicy,
)

Version = Annotated[int, Field(ge=1)]
"""Only a higher version changes anything."""


class TypeAnnounced(Event):
    """A job type, as its workers declare it.

    Attributes:
        lane: lane that its workers read. Defaults to `default`.
        payload_schemas: fingerprints of the payload schemas that the handler reads.
        retry_policy: policy of jobs that name none.
        maximum_retry_policy: upper bounds for the policies of submissions.
        timeout_ms: longest run of an attempt, unless the submission says less.
    """

    version: Version
    type: Name
    lane: Name = "default"
    payload_schemas: tuple[Fingerprint, ...] = ()
    retry_policy: RetryPolicy = RetryPolicy()
    maximum_retry_policy: RetryPolicy | None = None
    timeout_ms: Duration | None = None
    declared_by: str = ""


class SchemaAnnounced(Event):
    """A schema, before its first use: its definition in JSON with logical types, and its fingerprint."""

    fingerprint: Fingerprint
    name: str
    definition: str

    @classmethod
    def of(cls, schema: AvroSchema, time: int) -> Self:
        """Announce a schema; `time` is in ms since the Unix epoch. All else is the same each time."""
        return cls(
            event_id=f"schema-{schema.fingerprint.hex()}",
            time=time,
            fingerprint=schema.fingerprint,
            name=schema.name,
            definition=schema.to_json(),
        )


class LimitsAnnounced(Event):
    """Limits of the log that decisions depend on.

    Attributes:
        dispatch_window: dispatched and not yet started attempts for each lane and partition.
        max_submission_bytes: largest value of a submission.
        max_record_bytes: largest value that the scheduler puts out on work and delay topics.
        max_dead_letter_bytes: largest value of a dead letter.
        loss_limit: lost attempts in a row that a job may have; one more dead-letters it.
        unknown_type_grace_ms: how long a job waits for its type to be declared, and as long again, uncharged,
            for a worker that has its handler.
        unknown_schema_grace_ms: how long a record waits for its schema to be announced.
        lanes: the lanes that the log has.
    """

    version: Version
    dispatch_window: Ordinal
    max_submission_bytes: Ordinal
    max_record_bytes: Ordinal
    max_dead_letter_bytes: Ordinal
    loss_limit: Ordinal
    unknown_type_grace_ms: Duration
    unknown_schema_grace_ms: Duration
    lanes: tuple[Name, ...] = ("default",)


class RulesActivated(Event):
    """From this record on, decisions follow version `rules` of the rules."""

    rules: Version


class TopicsAnnounced(Event):
    """Which work and delay topics the log has: a topic that was made anew has another id, and none of its records.

    Attributes:
        topics: Kafka's ids by the topics' names without the namespace, such as `work.default`.
    """

    topics: dict[str, str]


class OwnerAnnounced(Event):
    """Which scheduler answers questions about a partition."""

    partition: int = Field(ge=0)
    url: str
    epoch: int
