"""Faust's tables as declarations: our store writes and recovers what they stand for."""

from typing import TYPE_CHECKING, NoReturn

import faust
from faust.tables.manager import TableManager
from faust.types import TP

if TYPE_CHECKING:
    from joblog.streams.faust_app.app import JoblogApp


class StateTable(faust.Table[bytes, bytes]):
    """A table that only the owner of a partition writes, through its fenced store."""

    def on_key_set(self, key: bytes, value: bytes) -> NoReturn:
        """Refuse: Faust's writes to a changelog are neither fenced nor transactional."""
        del key, value
        raise TypeError(f"table {self.name} is written by the owner of its partition alone")

    def on_key_del(self, key: bytes) -> NoReturn:
        """Refuse, as `on_key_set` does."""
        del key
        raise TypeError(f"table {self.name} is written by the owner of its partition alone")


class DeclaredTables(TableManager):
    """Knows the tables and recovers nothing: the owner recovers its partition when it opens it.

    Faust would read the changelogs with the group's consumer, record by record, and start to fetch
    events only when the last partition has recovered.
    """

    app: "JoblogApp"
    mundane_level = "debug"

    async def on_start(self) -> None:
        """Let the consumer subscribe; Faust waits a second here for tables yet to come."""
        self._tables_finalized.set()
        self._tables_registered.set()
        await self.app.start_fetching()

    async def on_stop(self) -> None:
        """Stop what `on_start` started."""
        await self.app.stop_fetching()

    def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Do nothing."""

    async def on_rebalance(self, *_: object, **__: object) -> None:
        """Do nothing."""

    async def wait_until_recovery_completed(self) -> bool:
        """Return whether the app was stopped meanwhile; there is nothing to wait for."""
        return self.should_stop
