"""What stands in the outbox's table, as the relay and the commands see it."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from joblog.outbox.database import Database
from joblog.outbox.entry import NUL
from joblog.outbox.table import CREATE, NAME

BATCH_BYTES: Final = 16 * 1024 * 1024
MOST_COUNTED: Final = 100_000
"""Entries of a kind that are counted: an outage may leave more than can be counted within a statement's time."""
COUNT_SECONDS: Final = 3.0
"""Longest time that counting may keep a relay from its work."""
SHOWN_REFUSALS: Final = 100
REASON_CHARACTERS: Final = 2_000

_LOCK: Final = f"""\
SELECT position, octet_length(record) + octet_length(payload_schema)
FROM {NAME} WHERE refused IS NULL ORDER BY position LIMIT $1 FOR UPDATE SKIP LOCKED"""  # noqa: S608 - all are ours
_READ: Final = f"""\
SELECT position, job_id, record, payload_schema, traceparent
FROM {NAME} WHERE position = ANY($1::bigint[]) ORDER BY position"""  # noqa: S608 - as above
_DELETE: Final = f"DELETE FROM {NAME} WHERE position = ANY($1::bigint[])"  # noqa: S608 - as above
_REFUSE: Final = f"""\
UPDATE {NAME} SET refused = refusal.reason
FROM unnest($1::bigint[], $2::text[]) AS refusal (position, reason)
WHERE {NAME}.position = refusal.position"""  # noqa: S608 - as above
_DEPTH: Final = f"""\
WITH waiting AS (
    SELECT submitted_at FROM {NAME} WHERE refused IS NULL ORDER BY position LIMIT {MOST_COUNTED + 1}
), first AS (
    SELECT refused FROM {NAME} ORDER BY position LIMIT {MOST_COUNTED + 1}
)
SELECT (SELECT count(*) FROM waiting),
    (SELECT extract(epoch FROM statement_timestamp() - min(submitted_at))::float8 FROM waiting),
    (SELECT count(refused) FROM first)"""  # noqa: S608 - as above
_REFUSED: Final = f"""\
SELECT position, job_id, submitted_at, refused
FROM {NAME} WHERE refused IS NOT NULL ORDER BY position LIMIT {SHOWN_REFUSALS}"""  # noqa: S608 - as above


class Waiting(NamedTuple):
    """An entry that waits, by its columns."""

    position: int
    job_id: str
    record: bytes
    payload_schema: str
    traceparent: str | None


class Taken(NamedTuple):
    """Entries that this transaction has locked; `more` where others may wait that would have been too much."""

    entries: Sequence[Waiting]
    more: bool


class Refusal(NamedTuple):
    """An entry that can never be published as it is, by its position, and why."""

    position: int
    reason: str


class Refused(NamedTuple):
    """An entry that was refused, by its columns."""

    position: int
    job_id: str
    submitted_at: datetime
    reason: str


class Depth(NamedTuple):
    """What is in the table, as far as it is counted.

    Attributes:
        waiting: entries that wait; 100,001 stands for any number above 100,000.
        oldest_seconds: age of the oldest of them by the database's clock, None where none waits.
        refused: entries that were refused, among the first 100,001 of the table. What is refused keeps its
            place before what waits, so that none is missed while less than that waits.
    """

    waiting: int
    oldest_seconds: float | None
    refused: int


class StoredEntries:
    """The entries in a database's outbox. All methods raise what `Database.fetch` raises.

    Args:
        database: the database, connected.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create_table(self) -> None:
        """Make the table unless it is there."""
        await self._database.execute(CREATE)

    async def take(self, most: int) -> Taken:
        """Lock and return the first entries that wait and that no other transaction has locked.

        Args:
            most: how many at most. Large ones are fewer: 16 MiB together, but at least one.
        """
        locked = await self._database.fetch(_LOCK, most)
        if not locked:
            return Taken([], more=False)
        positions = _fitting(locked)
        entries = [Waiting(*row) for row in await self._database.fetch(_READ, positions)]
        return Taken(entries, more=len(locked) == most or len(entries) < len(locked))

    async def delete(self, positions: Sequence[int]) -> None:
        """Delete entries."""
        await self._database.execute(_DELETE, positions)

    async def refuse(self, refusals: Sequence[Refusal]) -> None:
        """Keep entries, with the reasons for which they are never taken again."""
        positions = [refusal.position for refusal in refusals]
        await self._database.execute(
            _REFUSE, positions, [_storable(refusal.reason) for refusal in refusals]
        )

    async def depth(self) -> Depth:
        """Count the entries, up to 100,000 of a kind and for 3 seconds at most."""
        [(waiting, oldest, refused)] = await self._database.fetch(_DEPTH, seconds=COUNT_SECONDS)
        return Depth(waiting, None if oldest is None else max(0.0, oldest), refused)

    async def refused(self) -> list[Refused]:
        """Return the first that were refused, a hundred at most."""
        return [Refused(*row) for row in await self._database.fetch(_REFUSED)]


def _fitting(sizes: Iterable[Sequence[int]]) -> list[int]:
    """Return the positions, of pairs with a size, that make one batch together."""
    positions, total = list[int](), 0
    for position, size in sizes:
        total += size
        if positions and total > BATCH_BYTES:
            break
        positions.append(position)
    return positions


def _storable(reason: str) -> str:
    """Return a text that PostgreSQL holds, and that nobody minds to read."""
    return reason.replace(NUL, "\N{REPLACEMENT CHARACTER}")[:REASON_CHARACTERS]
