"""The settings of each component."""

from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from joblog.streams.settings.rules import allowed, refuse

KIB: Final = 1024
MIB: Final = 1024 * KIB
ENVELOPE_BYTES: Final = 64 * KIB
"""Room for what stands around a value: key, ids, names, a failure, headers."""

HEARTBEATS_IN_A_LEASE: Final = 3

Milliseconds = Annotated[int, Field(ge=1, le=86_400_000)]
"""A length of time, at most a day."""

_OFF: Final = BeforeValidator(lambda value: None if value == "off" else value)

Port = Annotated[Annotated[int, Field(ge=0, le=65_535)] | None, _OFF]
"""Where to listen: 0 for any free port; None, written `off`, for nowhere."""

Run = Annotated[Annotated[int, Field(ge=1)] | None, _OFF]
"""How many in a row; None, written `off`, for no limit."""

Share = Annotated[Annotated[float, Field(gt=0, le=1)] | None, _OFF]
"""Which share, 0 to 1; None, written `off`, for no limit."""

_PORT: Final = allowed("a port from 0 to 65535, or `off`")


class Group(BaseModel):
    """Settings of one component; names that are none are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class ProducerSettings(Group):
    """How every process writes to Kafka."""

    batch_bytes: int = Field(
        default=256 * KIB,
        ge=KIB,
        le=16 * MIB,
        description="Most bytes of one partition in one request; a larger record goes alone. "
        "Never more than all topics take. A request never waits for more records: what comes while "
        "one is under way goes out together with the next.",
    )
    compression: Literal["none", "gzip", "snappy", "lz4", "zstd"] = Field(
        default="none",
        description="Compression of what is written.",
    )
    delivery_timeout_ms: Milliseconds = Field(
        default=60_000,
        description="A write that is not acknowledged by then has failed, and the process ends. At "
        "least `request_timeout_ms`.",
    )


class SchedulerSettings(Group):
    """The scheduler: folds events into tables, dispatches attempts, schedules retries."""

    max_batch_records: int = Field(
        default=1_000,
        ge=1,
        le=100_000,
        description="Most records of a partition that are folded in one cycle.",
    )
    max_records_in_flight: int = Field(
        default=20_000,
        ge=1,
        le=1_000_000,
        description="Most records of a partition that are read and not yet committed. At least "
        "`scheduler.max_batch_records`.",
    )
    commit_rows: int = Field(
        default=5_000,
        ge=1,
        le=100_000,
        description="A partition's state is committed once so many rows have changed.",
    )
    commit_interval_ms: Milliseconds = Field(
        default=1_000,
        description="A partition's state is committed so long after its first change at the latest.",
    )
    commit_interval_per_partition_ms: Milliseconds = Field(
        default=100,
        description="With many partitions that time is so long for each of them, as each commits for "
        "itself: this bounds what a process commits in a second.",
    )
    revoke_wait_ms: Milliseconds = Field(
        default=2_000,
        description="Longest wait for the commit of a partition that is taken away; then the "
        "process ends.",
    )
    shutdown_grace_ms: Milliseconds = Field(
        default=10_000,
        description="Longest wait after SIGTERM until what is under way is committed.",
    )
    poison_run: Run = Field(
        default=500,
        description="A partition stops once so many of its records in a row were poison: refused, or of "
        "jobs that no worker can read. What follows waits in the log. `off`: it never stops for that.",
        json_schema_extra=allowed("a whole number of at least 1, or `off`"),
    )
    poison_share: Share = Field(
        default=0.5,
        description="It stops too once this share of its last 1,000 records was poison. `off`: never.",
        json_schema_extra=allowed("a number above 0, at most 1, or `off`"),
    )

    @model_validator(mode="after")
    def _a_batch_fits_in_flight(self) -> Self:
        if self.max_records_in_flight < self.max_batch_records:
            raise refuse(
                "max_records_in_flight",
                self.max_records_in_flight,
                f"at least scheduler.max_batch_records, which is {self.max_batch_records}",
            )
        return self


class WorkerSettings(Group):
    """The worker pool: runs handlers and reports outcomes."""

    concurrency: int = Field(
        default=200,
        ge=1,
        le=100_000,
        description="Most attempts that a worker process runs at once.",
    )
    threads: int = Field(
        default=8,
        ge=1,
        le=1_000,
        description="Most of them in threads: handlers that block.",
    )
    processes: int = Field(
        default=2,
        ge=1,
        le=256,
        description="Most of them in child processes: handlers that compute, or may crash.",
    )
    max_buffered_attempts: int = Field(
        default=1_000,
        ge=1,
        le=100_000,
        description="Attempts of a lane that are held in memory until they can run; others wait in "
        "their topic.",
    )
    schema_wait_ms: Milliseconds = Field(
        default=5_000,
        description="How long an attempt waits for the schema of its payload to be announced.",
    )
    started_after_ms: Milliseconds = Field(
        default=2_000,
        description="An attempt that runs so long is reported as started; then its lease counts.",
    )
    lease_ms: Milliseconds = Field(
        default=30_000,
        description="A started attempt that gives no sign of life for so long is lost. At least "
        "three times `worker.heartbeat_ms`.",
    )
    heartbeat_ms: Milliseconds = Field(
        default=10_000,
        description="Time between two signs of life of a started attempt.",
    )
    cancel_grace_ms: Milliseconds = Field(
        default=5_000,
        description="How long an attempt in a child process may still run after its job was "
        "cancelled; then the process is killed.",
    )
    revoke_wait_ms: Milliseconds = Field(
        default=2_000,
        description="Longest wait for running attempts when partitions are taken away.",
    )
    shutdown_grace_ms: Milliseconds = Field(
        default=10_000,
        description="How long attempts may still run after SIGTERM; then they are handed back.",
    )

    @model_validator(mode="after")
    def _heartbeats_may_get_lost(self) -> Self:
        least = HEARTBEATS_IN_A_LEASE * self.heartbeat_ms
        if self.lease_ms < least:
            words = f"at least {least}, three times worker.heartbeat_ms"
            raise refuse("lease_ms", self.lease_ms, words)
        return self


class DelaysSettings(Group):
    """The delay service: wakes jobs when they are due."""

    max_waiting_records: int = Field(
        default=10_000,
        ge=1,
        le=1_000_000,
        description="Most records held in memory for their last wait; others wait in their topics.",
    )
    shutdown_grace_ms: Milliseconds = Field(
        default=5_000,
        description="Longest wait after SIGTERM until what is written is acknowledged.",
    )


class SignalsSettings(Group):
    """Metrics, health checks and the scheduler's read-only API, over HTTP."""

    host: str = Field(
        default="127.0.0.1",
        min_length=1,
        description="Address to listen on. It asks nobody who they are: open it to friends only.",
        json_schema_extra=allowed("an address or host name of this machine"),
    )
    advertised_host: str | None = Field(
        default=None,
        min_length=1,
        description="Address or name by which others reach this machine. Default: `signals.host`, or "
        "this machine's name where that stands for all its addresses.",
        json_schema_extra=allowed("an address or host name"),
    )
    scheduler_port: Port = Field(
        default=0,
        description="Port of a scheduler. 0: any free one. `off`: it does not listen.",
        json_schema_extra=_PORT,
    )
    worker_port: Port = Field(
        default=0,
        description="Port of a worker. 0: any free one. `off`: it does not listen.",
        json_schema_extra=_PORT,
    )
    delays_port: Port = Field(
        default=0,
        description="Port of a delay service. 0: any free one. `off`: it does not listen.",
        json_schema_extra=_PORT,
    )
    bridge_port: Port = Field(
        default=0,
        description="Port of a bridge. 0: any free one. `off`: it does not listen.",
        json_schema_extra=_PORT,
    )
    relay_port: Port = Field(
        default=0,
        description="Port of an outbox relay. 0: any free one. `off`: it does not listen.",
        json_schema_extra=_PORT,
    )


class LimitsSettings(Group):
    """Limits of the log, the same for all its processes; they are announced in it."""

    dispatch_window: int = Field(
        default=1_000,
        ge=1,
        le=1_000_000,
        description="Attempts dispatched ahead of the workers, for each lane and partition.",
    )
    max_submission_bytes: int = Field(
        default=MIB,
        ge=KIB,
        le=64 * MIB,
        description="Largest value on the events topic: a submission, a worker's report.",
    )
    max_record_bytes: int = Field(
        default=MIB + 256 * KIB,
        ge=KIB,
        le=128 * MIB,
        description="Largest value on work and delay topics. At least 64 KiB more than the largest "
        "submission.",
    )
    max_dead_letter_bytes: int = Field(
        default=2 * MIB,
        ge=KIB,
        le=256 * MIB,
        description="Largest dead letter and largest row of a table. At least 64 KiB more than "
        "`limits.max_record_bytes`.",
    )
    loss_limit: int = Field(
        default=3,
        ge=1,
        le=100,
        description="Lost attempts in a row that a job may have; one more dead-letters it.",
    )
    unknown_type_grace_ms: Milliseconds = Field(
        default=600_000,
        description="How long a job waits for a worker that declares its type; and as long again, "
        "uncharged, for one that has its handler.",
    )
    unknown_schema_grace_ms: Milliseconds = Field(
        default=600_000,
        description="How long a record waits for its schema to be announced.",
    )

    @model_validator(mode="after")
    def _sizes_rise_along_the_way(self) -> Self:
        _leave_room("max_record_bytes", self.max_record_bytes, self.max_submission_bytes)
        _leave_room("max_dead_letter_bytes", self.max_dead_letter_bytes, self.max_record_bytes)
        return self


def _leave_room(setting: str, size: int, inner: int) -> None:
    least = inner + ENVELOPE_BYTES
    if size < least:
        words = f"at least {least}: {ENVELOPE_BYTES} more than the {inner} of what it has to hold"
        raise refuse(setting, size, words)
