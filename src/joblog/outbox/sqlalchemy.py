"""The outbox for SQLAlchemy: a job is submitted when the session's or connection's transaction is committed.

`outbox_table` adds the table to a MetaData, so that `create_all` and Alembic make it.
"""

from typing import TYPE_CHECKING, Any, Final, Unpack

from pydantic import BaseModel
from sqlalchemy import (
    BLANK_SCHEMA,
    BigInteger,
    Column,
    Connection,
    DateTime,
    Identity,
    LargeBinary,
    MetaData,
    Table,
    Text,
    insert,
    text,
)
from sqlalchemy.orm import Session, scoped_session

from joblog.client.payloads import Payload, Target
from joblog.client.submissions import Options, Submission
from joblog.outbox.entry import entries
from joblog.outbox.table import NAME

if TYPE_CHECKING:  # greenlet may be missing where nobody needs it
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession, async_scoped_session

__all__ = ["outbox_table", "submit", "submit_async"]


def outbox_table(metadata: MetaData) -> Table:
    """Add the outbox's table to a MetaData and return it.

    It has no schema of its own, whatever schema the MetaData has: the connection's search path says where
    it is, for the relay too.
    """
    return Table(
        NAME,
        metadata,
        Column("position", BigInteger, Identity(), primary_key=True),
        Column("job_id", Text, nullable=False),
        Column("record", LargeBinary, nullable=False),
        Column("payload_schema", Text, nullable=False),
        Column("traceparent", Text),
        Column(
            "submitted_at",
            DateTime(timezone=True),
            server_default=text("statement_timestamp()"),
            nullable=False,
        ),
        Column("refused", Text),
        schema=BLANK_SCHEMA,
    )


_INSERT: Final = insert(outbox_table(MetaData())).inline()
"""It asks for nothing back, so that the right to insert is enough."""


def submit(
    connection: Session | scoped_session[Any] | Connection,
    target: Target,
    payload: BaseModel | Payload,
    **options: Unpack[Options],
) -> str:
    """Submit a job in the transaction of a session or connection.

    Args:
        connection: the session or connection.
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
        sqlalchemy.exc.SQLAlchemyError: the database refuses the row.
    """
    entry = entries().of(Submission(target, payload, **options))
    connection.execute(_INSERT, entry._asdict())
    return entry.job_id


async def submit_async(
    connection: "AsyncSession | async_scoped_session[Any] | AsyncConnection",
    target: Target,
    payload: BaseModel | Payload,
    **options: Unpack[Options],
) -> str:
    """Submit a job in the transaction of an asynchronous session or connection, see `submit`."""
    entry = entries().of(Submission(target, payload, **options))
    await connection.execute(_INSERT, entry._asdict())
    return entry.job_id
