"""The outbox for asyncpg: a job is submitted when the connection's transaction is committed.

The table has to exist: `joblog outbox create` makes it.
"""

from typing import Final, Unpack

from asyncpg import Connection
from asyncpg.pool import PoolConnectionProxy
from pydantic import BaseModel

from joblog.client.payloads import Payload, Target
from joblog.client.submissions import Options, Submission
from joblog.outbox.entry import Entry, entries
from joblog.outbox.table import NAME

__all__ = ["submit"]

_COLUMNS: Final = ", ".join(Entry._fields)
_PLACES: Final = ", ".join(f"${number}" for number, _ in enumerate(Entry._fields, start=1))
_INSERT: Final = f"INSERT INTO {NAME} ({_COLUMNS}) VALUES ({_PLACES})"  # noqa: S608 - nothing from outside


async def submit(
    connection: Connection | PoolConnectionProxy,
    target: Target,
    payload: BaseModel | Payload,
    **options: Unpack[Options],
) -> str:
    """Submit a job in the transaction that the connection is in; without one, at once.

    Args:
        connection: the connection, or what a pool gives for one.
        target: the job type, or its handler.
        payload: the handler's argument.
        options: what else there is to say, see `joblog.Options`.

    Returns:
        The job's id. The job does not exist unless the transaction is committed.

    Raises:
        SubmissionRefusedError: an argument breaks its rule; nothing was written.
        PayloadTypeError: the payload's model has no Avro schema; nothing was written.
        PayloadRejectedError: a value does not fit that schema; nothing was written.
        RecordTooLargeError: the job is larger than the settings allow; nothing was written.
        SettingsError: settings of the environment make no sense; nothing was written.
        asyncpg.PostgresError: the database refuses the row.
    """
    entry = entries().of(Submission(target, payload, **options))
    await connection.execute(_INSERT, *entry)
    return entry.job_id
