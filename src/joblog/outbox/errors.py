"""What keeps an outbox from being published. Each message holds the value, the rule and the fix."""

from joblog.schemas.errors import JoblogError

TABLE_MISSING_FIX = (
    "make it with joblog outbox create, Alembic or manage.py migrate, or add ?search_path=SCHEMA to "
    "JOBLOG_OUTBOX__DATABASE_URL if it is in another schema"
)


class DatabaseUnavailableError(JoblogError):
    """The outbox's database does not answer, or not as it has to.

    Attributes:
        place: host, port and name of the database.
        reason: what the database or its client says.
    """

    def __init__(self, place: str, reason: str) -> None:
        self.place = place
        self.reason = reason
        super().__init__(
            f"the database at {place} does not do its part ({reason}): see that it runs, and that "
            "JOBLOG_OUTBOX__DATABASE_URL names a user who may select, update and delete in its outbox; "
            "what was not committed is published again"
        )


class OutboxTableMissingError(JoblogError):
    """The outbox's table is not where the relay looks for it.

    Attributes:
        place: host, port and name of the database.
        table: name of the table.
    """

    def __init__(self, place: str, table: str) -> None:
        self.place = place
        self.table = table
        super().__init__(
            f"the database at {place} has no table {table} in its search path: {TABLE_MISSING_FIX}"
        )


class EntryUnreadableError(JoblogError):
    """An entry of the outbox can never be published as it is.

    Attributes:
        detail: what is wrong with it.
    """

    def __init__(self, detail: str) -> None:
        self.detail = detail
        super().__init__(
            f"not a submission: {detail}; leave it to joblog.outbox to write entries, by a version that is "
            "not newer than the relay's"
        )


class EntriesUnconfirmedError(JoblogError):
    """Kafka did not acknowledge a batch of the relay; it may be in the log all the same.

    Attributes:
        entries: how many entries it had.
        reason: what Kafka or its client says.
    """

    def __init__(self, entries: int, reason: str) -> None:
        self.entries = entries
        self.reason = reason
        super().__init__(
            f"{entries} entries were not acknowledged ({reason}): they are still in the outbox; see that Kafka "
            "runs, and start the relay again, which publishes the same bytes again"
        )


class RelayNotStoppedError(JoblogError):
    """The relay was asked to stop, and did not in time.

    Attributes:
        seconds: how long it was given.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        super().__init__(
            f"the relay was asked to stop and did not within {seconds:g} s: the batch that it left is "
            "published again; raise outbox.shutdown_grace_ms if Kafka or the database are often this slow"
        )
