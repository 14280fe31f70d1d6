"""The settings of the outbox: where its table is, and how its relay reads it."""

from typing import Annotated, Final
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, Field, SecretStr

from joblog.streams.settings.groups import Group, Milliseconds
from joblog.streams.settings.rules import allowed

SCHEMES: Final = ("postgresql", "postgres")


def _check_url(url: SecretStr | None) -> SecretStr | None:
    if url is not None and not _is_url(url.get_secret_value()):
        raise ValueError("no URL of a PostgreSQL database")
    return url


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        parts.port  # noqa: B018 - it raises where there is something else, perhaps a part of the password
    except ValueError:
        return False
    return (
        parts.scheme in SCHEMES and "@" not in parts.path
    )  # else a password with a slash would be shown


class OutboxSettings(Group):
    """The outbox: a table in your PostgreSQL database, and the relay that publishes what is in it."""

    database_url: Annotated[SecretStr | None, AfterValidator(_check_url)] = Field(
        default=None,
        description="The database with the table, for the relay and the commands of the outbox; "
        "programs that submit use their own connections. `?search_path=app` names its schema where "
        "that is not the first of the user's. Never shown.",
        json_schema_extra=allowed(
            "`postgresql://user:password@host:port/database`, with special characters of user and "
            "password percent-encoded"
        ),
    )
    batch_entries: int = Field(
        default=1_000,
        ge=1,
        le=100_000,
        description="Most entries that a relay publishes and deletes in one transaction. Of large "
        "ones it takes fewer: 16 MiB, at least one.",
    )
    poll_interval_ms: Milliseconds = Field(
        default=100,
        description="Time between two looks of a relay that found less than a full batch.",
    )
    shutdown_grace_ms: Milliseconds = Field(
        default=5_000,
        description="Longest wait after SIGTERM until a batch is published and deleted.",
    )

    @property
    def place(self) -> str:
        """Host, port and name of the database as they may be shown: without user and password."""
        parts = self._parts
        host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
        return f"{host or 'local socket'}{f':{parts.port}' if parts.port else ''}{parts.path}"

    @property
    def _parts(self) -> SplitResult:
        return urlsplit("" if self.database_url is None else self.database_url.get_secret_value())
