"""All settings of a process."""

import os
import re
from pathlib import Path
from typing import Annotated, Any, Final, Self

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, model_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from joblog.streams.errors import SettingsError
from joblog.streams.settings.connection import ConnectionSettings
from joblog.streams.settings.fields import ENVIRONMENT_PREFIX, NESTED_DELIMITER
from joblog.streams.settings.file import SettingsFile
from joblog.streams.settings.groups import (
    DelaysSettings,
    LimitsSettings,
    Milliseconds,
    ProducerSettings,
    SchedulerSettings,
    SignalsSettings,
    WorkerSettings,
)
from joblog.streams.settings.outbox import OutboxSettings
from joblog.streams.settings.problems import problems_in, unknown_variables
from joblog.streams.settings.registry import RegistrySettings
from joblog.streams.settings.rules import allowed, refuse

DAY_MS: Final = 24 * 3_600_000
_LANE: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


def _split(value: object) -> object:
    return tuple(part.strip() for part in value.split(",")) if isinstance(value, str) else value


def _check_lanes(lanes: tuple[str, ...]) -> tuple[str, ...]:
    if not lanes or len(set(lanes)) < len(lanes) or not all(map(_LANE.fullmatch, lanes)):
        raise ValueError("no lanes, the same twice, or not their pattern")
    return lanes


class Settings(ConnectionSettings, BaseSettings):
    """All settings of a process.

    What is given as an argument comes first, then the environment (``JOBLOG_PARTITIONS``,
    ``JOBLOG_WORKER__LEASE_MS``; an empty variable is as good as none), then the TOML file that
    ``JOBLOG_SETTINGS_FILE`` names, then the defaults. docs/settings.md lists them all.

    Args:
        values: settings by name; a group as a mapping.

    Raises:
        SettingsError: settings make no sense; it names each with its value and what is allowed.
    """

    model_config = SettingsConfigDict(
        env_prefix=ENVIRONMENT_PREFIX,
        env_nested_delimiter=NESTED_DELIMITER,
        env_ignore_empty=True,
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
    )

    namespace: str = Field(
        default="joblog",
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$",
        description="Prefix of all topics, consumer groups and transactional ids. Two logs on one "
        "cluster have different namespaces.",
        json_schema_extra=allowed(
            "1 to 100 of letters, digits, `.`, `_` and `-`; the first a letter or a digit"
        ),
    )
    partitions: int = Field(
        default=4,
        ge=1,
        le=1_024,
        description="Partitions of the log; at most so many schedulers share it. Fixed when its "
        "topics are created.",
    )
    replication_factor: int = Field(
        default=1,
        ge=1,
        le=9,
        description="Copies that Kafka keeps of each record, of which all but one, at least one, "
        "must have it before a write counts. For topics that are yet to be created. 3 in production.",
    )
    lanes: Annotated[
        tuple[str, ...], NoDecode, BeforeValidator(_split), AfterValidator(_check_lanes)
    ] = Field(
        default=("default",),
        description="Lanes: each is a work topic with its own workers. A job type names its lane.",
        json_schema_extra=allowed(
            "different names separated by commas (a list in TOML), each 1 to 63 of lower-case "
            "letters, digits and `-`, the first no `-`"
        ),
    )
    data_dir: Path = Field(
        default=Path(".joblog"),
        description="Directory for what stays on disk: a scheduler's tables, the data of an "
        "embedded broker. Made if missing.",
        json_schema_extra=allowed("a path"),
    )
    purge_interval_ms: Milliseconds = Field(
        default=60_000,
        le=DAY_MS,
        description="Time between two deletions of what is done on work and delay topics.",
    )
    producer: ProducerSettings = ProducerSettings()
    scheduler: SchedulerSettings = SchedulerSettings()
    worker: WorkerSettings = WorkerSettings()
    delays: DelaysSettings = DelaysSettings()
    registry: RegistrySettings = RegistrySettings()
    outbox: OutboxSettings = OutboxSettings()
    signals: SignalsSettings = SignalsSettings()
    limits: LimitsSettings = LimitsSettings()

    def __init__(self, **values: Any) -> None:  # noqa: ANN401 - each field has its own type
        problems = list(unknown_variables(os.environ, type(self)))
        if not problems:
            try:
                super().__init__(**values)
            except ValidationError as error:
                problems = problems_in(error, type(self))
        if problems:  # raised out here, so that no traceback has pydantic's error with its input
            raise SettingsError(problems)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - one file is enough
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - one file is enough
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Return where settings come from, the first before the others."""
        return init_settings, env_settings, SettingsFile(settings_cls)

    @property
    def announced_limits(self) -> dict[str, object]:
        """What the log's limits are to be, as fields of LimitsAnnounced."""
        return self.limits.model_dump() | {"lanes": self.lanes}

    @model_validator(mode="after")
    def _a_write_has_time_for_an_answer(self) -> Self:
        if self.producer.delivery_timeout_ms < self.request_timeout_ms:
            raise refuse(
                "producer.delivery_timeout_ms",
                self.producer.delivery_timeout_ms,
                f"at least request_timeout_ms, which is {self.request_timeout_ms}",
            )
        return self
