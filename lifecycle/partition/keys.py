"""The keys of a partition's state. The first byte is the family.

`j` rows of jobs and `l` entries about the log are durable; `b` (backlog), `o` (jobs that others of their ordering
key wait for), `q` (jobs that wait for their turn) and `t` (timers) follow from them.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from joblog.lifecycle.states import DONE_WITH, Status
from joblog.schemas.state import HeldRecord, JobRow, LostTopic
from joblog.schemas.state.waiting import may_wait, time_of_wake

JOB: Final = b"j"
LOG: Final = b"l"
BACKLOG: Final = b"b"
ORDER: Final = b"o"
BLOCKED: Final = b"q"
TIMER: Final = b"t"
DURABLE: Final = (JOB, LOG)

POSITION: Final = b"lposition"
LIMITS: Final = b"llimits"
TYPES: Final = b"ltype/"
SCHEMAS: Final = b"lschema/"
HELD: Final = b"lheld/"
TOPICS: Final = b"ltopics"
LOST: Final = b"llost/"

HIGHEST_PRIORITY: Final = 9
_TIME_SIZE: Final = 8
ORDER_SIZE: Final = 1 + _TIME_SIZE
"""Bytes at the end of a backlog key: priority and position."""
PRESENT: Final = b""


def job_key(job_id: str) -> bytes:
    """Return the key of a job's row."""
    return JOB + job_id.encode()


def held_key(fingerprint: bytes, offset: int) -> bytes:
    """Return the key of a record that waits for a schema; equal schemas sort by offset."""
    return HELD + fingerprint.hex().encode() + b"/" + offset.to_bytes(_TIME_SIZE, "big")


def held_prefix(fingerprint: bytes) -> bytes:
    """Return what the keys of all records begin with that wait for a schema."""
    return HELD + fingerprint.hex().encode() + b"/"


def lost_key(topic: str) -> bytes:
    """Return the key of a topic, by its name without the namespace, that was made anew."""
    return LOST + topic.encode()


def line_of(row: JobRow) -> str:
    """Return the backlog's line for a row: jobs of one type and queue."""
    return f"{row.type}\x00{row.opening.queue}"


def type_of_line(line: str) -> str:
    """Return the type of a line's jobs."""
    return line.partition("\x00")[0]


@lru_cache(maxsize=4_096)
def line_prefix(line: str) -> bytes:
    """Return what the backlog keys of a line begin with."""
    return BACKLOG + line.encode() + b"\x00"


def backlog_key(row: JobRow) -> bytes:
    """Return the backlog key of a pending job: by line, then priority, then age."""
    rank = HIGHEST_PRIORITY - row.opening.priority
    return (
        line_prefix(line_of(row))
        + bytes((rank,))
        + row.opening.position.to_bytes(_TIME_SIZE, "big")
    )


def line_of_key(backlog_key: bytes) -> str:
    """Return the line in a backlog key, or in the key of a blocked job, which is the same but for its family."""
    return backlog_key[len(BACKLOG) : -ORDER_SIZE - 1].decode()


def position_of(backlog_key: bytes) -> int:
    """Return the position of the job in a backlog key."""
    return int.from_bytes(backlog_key[-_TIME_SIZE:], "big")


def timer_key(wake_at: int, owner: bytes) -> bytes:
    """Return the timer key of a row, held record or lost topic, whose own key is `owner`."""
    return TIMER + wake_at.to_bytes(_TIME_SIZE, "big") + owner


def timer_of(key: bytes) -> tuple[int, bytes]:
    """Return time and owner of a timer key."""
    return int.from_bytes(key[1 : 1 + _TIME_SIZE], "big"), key[1 + _TIME_SIZE :]


def after(prefix: bytes) -> bytes:
    """Return the least key that is greater than all keys with a prefix."""
    return prefix[:-1] + bytes((prefix[-1] + 1,))


def place_in_line(row: JobRow) -> bytes | None:
    """Return the backlog key of a job that is pending, or the key of one that is blocked."""
    if row.status == Status.PENDING:
        return backlog_key(row)
    return BLOCKED + backlog_key(row)[len(BACKLOG) :] if row.status == Status.BLOCKED else None


def order_of(row: JobRow) -> bytes:
    """Return what the places of the jobs of a job's ordering key begin with; there has to be a key."""
    return ORDER + f"{row.opening.tenant}\x00{row.opening.ordering_key}\x00".encode()


def place_in_order(row: JobRow) -> bytes | None:
    """Return the key of the place at which a job keeps later ones of its ordering key waiting."""
    if row.opening.ordering_key is None or row.status in DONE_WITH or row.discarded:
        return None
    return order_of(row) + row.opening.position.to_bytes(_TIME_SIZE, "big")


def end_of_order(place: bytes) -> bytes:
    """Return the least key that is greater than all places of the ordering key of one."""
    return after(place[:-_TIME_SIZE])


def place_in_time(row: JobRow) -> bytes | None:
    """Return the timer key of a job that a tick has to look at."""
    return None if row.wake_at is None else timer_key(row.wake_at, job_key(row.opening.job_id))


def index_entries(row: JobRow) -> Iterator[tuple[bytes, bytes]]:
    """Yield the entries that follow from a job's row."""
    if (place := place_in_line(row)) is not None:
        yield place, row.opening.job_id.encode()
    if (place := place_in_order(row)) is not None:
        yield place, row.opening.job_id.encode()
    if (place := place_in_time(row)) is not None:
        yield place, PRESENT


def may_derive(key: bytes, value: bytes) -> bool:
    """Return False only for a durable entry that `derive` yields nothing for; it decodes nothing."""
    return may_wait(value) if key.startswith(JOB) else key.startswith((HELD, LOST))


def derive(key: bytes, value: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the local entries that follow from a durable entry."""
    if not may_derive(key, value):
        return
    if key.startswith(JOB):
        wake_at = time_of_wake(value)
        if wake_at is None:
            yield from index_entries(JobRow.decode(value))
        else:
            yield timer_key(wake_at, key), PRESENT
    else:
        kind = LostTopic if key.startswith(LOST) else HeldRecord
        yield timer_key(kind.decode(value).wake_at, key), PRESENT
