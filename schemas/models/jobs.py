"""Events that producers write about a job as a whole, and the ends that they lead to."""

from typing import Self

from pydantic import Field, model_validator

from joblog.schemas.models.envelope import (
    Duration,
    Fingerprint,
    Identifier,
    JobEvent,
    Millis,
    Name,
    OrderingKey,
    RetryPolicy,
)

AVRO = "application/avro"
JSON = "application/json"
PAYLOAD_CONTENT_TYPES = (AVRO, JSON)
"""What workers can read."""


class JobSubmitted(JobEvent):
    """A producer asks for a job: the first event of each job.

    Attributes:
        type: which handler runs it.
        queue: a name for operators to steer by. Defaults to `default`.
        priority: 0 (last) to 9 (first), as in JMS. Defaults to 4.
        tenant: whose work it is; part of an idempotent submission's key. Defaults to `default`.
        ordering_key: jobs of one tenant and ordering key run one at a time, in the order of the log. All of a
            key are decided in its partition, so the job id is one whose partition is that; see docs/ordered.md.
        owner: team or service that answers for the job.
        payload: the handler's argument, encoded as `payload_content_type` says.
        payload_schema: fingerprint of the schema that wrote the payload; of JSON it is not looked at.
        payload_content_type: media type of the payload, `application/json` or by default
            `application/avro`. Workers reject any other.
        idempotency_key: equal keys of one tenant and type are one job.
        retry_policy: instead of the type's, within its maximum.
        timeout_ms: longest run of an attempt, instead of the type's.
        not_before: no attempt starts earlier.
        deadline: no attempt starts later.
        dependencies: job ids that must succeed first.
        submitter: who submitted.
        labels: free names and values.
    """

    type: Name
    queue: Name = "default"
    priority: int = Field(default=4, ge=0, le=9)
    tenant: Name = "default"
    ordering_key: OrderingKey | None = None
    owner: str | None = None
    payload: bytes
    payload_schema: Fingerprint
    payload_content_type: Name = AVRO
    idempotency_key: Identifier | None = None
    retry_policy: RetryPolicy | None = None
    timeout_ms: Duration | None = None
    not_before: Millis | None = None
    deadline: Millis | None = None
    dependencies: tuple[Identifier, ...] = ()
    submitter: str | None = None
    labels: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _is_keyed_by_its_idempotency_key(self) -> Self:
        if self.idempotency_key is None:
            return self
        expected = idempotent_job_id(self.tenant, self.type, self.idempotency_key)
        if self.job_id != expected:
            message = (
                f"job_id {self.job_id!r} does not match the idempotency key: equal keys must meet "
                f"in one partition; use job_id {expected!r}, also as record key"
            )
            raise ValueError(message)
        return self


def idempotent_job_id(tenant: str, type_: str, idempotency_key: str) -> str:
    """Return the job id of a submission with an idempotency key."""
    return f"{tenant}/{type_}/{idempotency_key}"


class JobCancelRequested(JobEvent):
    """Somebody asks that a job does not run, or stops."""

    requested_by: str
    reason: str = ""


class JobCancelled(JobEvent):
    """The scheduler says: the job is cancelled for good."""

    reason: str = ""
    attempts: int = 0


class JobExpired(JobEvent):
    """The scheduler says: the deadline came before an attempt could start."""

    deadline: Millis
    attempts: int = 0
