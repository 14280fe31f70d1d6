"""The database with the outbox: one connection of asyncpg."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from types import TracebackType
from typing import Any, Final, Self

import asyncpg
from asyncpg.exceptions import InterfaceError, PostgresError, UndefinedTableError

from joblog.outbox.errors import DatabaseUnavailableError, OutboxTableMissingError
from joblog.outbox.table import NAME
from joblog.streams.errors import SettingProblem, SettingsError
from joblog.streams.settings import Settings
from joblog.streams.settings.fields import environment_name

CONNECT_SECONDS: Final = 30.0
STATEMENT_SECONDS: Final = 30.0
FAREWELL_SECONDS: Final = 1.0

_FAILURES: Final = (PostgresError, InterfaceError, OSError, TimeoutError)


class Database:
    """The database that the settings name. Use it as an async context manager.

    Args:
        settings: which database, and how long Kafka may take to acknowledge.

    Raises:
        SettingsError: the settings name no database.
    """

    def __init__(self, settings: Settings) -> None:
        if settings.outbox.database_url is None:
            path = ("outbox", "database_url")
            words = "a URL: relay and commands of the outbox have to know the database"
            raise SettingsError(
                [SettingProblem(".".join(path), environment_name(path), "None", words)]
            )
        self._url = settings.outbox.database_url
        self._place = settings.outbox.place
        self._longest_idle_ms = settings.producer.delivery_timeout_ms + settings.request_timeout_ms
        self._connection: asyncpg.Connection | None = None

    async def __aenter__(self) -> Self:
        """Connect.

        A relay that hangs, or whose machine is gone, in the middle of a batch loses its session, and with
        it the locks on that batch, so that another can publish it.

        Raises:
            DatabaseUnavailableError: the database does not answer, or does not let this user in.
        """
        with self._failures():
            try:
                self._connection = await asyncpg.connect(
                    self._url.get_secret_value(),
                    timeout=CONNECT_SECONDS,
                    command_timeout=STATEMENT_SECONDS,
                    server_settings={
                        "application_name": "joblog outbox",
                        "idle_in_transaction_session_timeout": str(self._longest_idle_ms),
                    },
                )
            except (InterfaceError, ValueError) as error:  # it may quote the URL
                reason = f"asyncpg cannot use the URL, {type(error).__name__}"
                raise DatabaseUnavailableError(self._place, reason) from None
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Disconnect."""
        if self._connection is None:
            return
        if error is not None:
            self._connection.terminate()  # it may be what hangs
            return
        with suppress(*_FAILURES):  # all is committed
            await self._connection.close(timeout=FAREWELL_SECONDS)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        """Commit what the block does, or nothing of it.

        Raises:
            DatabaseUnavailableError: the database does not answer; all is committed then, or nothing.
        """
        transaction = self._connected.transaction(isolation="read_committed")
        with self._failures():
            await transaction.start()
        try:
            yield
        except BaseException:
            with suppress(*_FAILURES):  # the database does it by itself once the session has ended
                await transaction.rollback()
            raise
        with self._failures():
            await transaction.commit()

    async def execute(self, statement: str, *arguments: object) -> None:
        """Run a statement.

        Raises:
            OutboxTableMissingError: there is no table.
            DatabaseUnavailableError: the database does not answer, or forbids it.
        """
        with self._failures():
            await self._connected.execute(statement, *arguments)

    async def fetch(
        self, statement: str, *arguments: object, seconds: float = STATEMENT_SECONDS
    ) -> list[tuple[Any, ...]]:
        """Run a statement and return its rows.

        Args:
            statement: the statement.
            arguments: its parameters.
            seconds: how long it may take; then the database is asked to give it up. Defaults to 30.

        Raises:
            OutboxTableMissingError: there is no table.
            DatabaseUnavailableError: the database does not answer in time, or forbids it.
        """
        with self._failures():
            rows = await self._connected.fetch(statement, *arguments, timeout=seconds)
        return [tuple(row) for row in rows]

    @property
    def _connected(self) -> asyncpg.Connection:
        if self._connection is None:
            raise RuntimeError("the database is not connected: use it as an async context manager")
        return self._connection

    @contextmanager
    def _failures(self) -> Iterator[None]:
        """Say in joblog's words what asyncpg raises."""
        try:
            yield
        except UndefinedTableError as error:
            raise OutboxTableMissingError(self._place, NAME) from error
        except _FAILURES as error:
            raise DatabaseUnavailableError(self._place, str(error) or repr(error)) from error
