"""What rows say of status and time, told by a few of their bytes: to decode millions takes minutes."""

from collections.abc import Iterable
from typing import Final

from joblog.schemas.framing import frame
from joblog.schemas.state.ordering import may_be_ordered
from joblog.schemas.state.tables import LATEST

_HEAD: Final = frame(LATEST["JobRow"].fingerprint, b"")
_PENDING: Final = b"\x0epending"
"""The status in Avro: its length, zigzag, and its letters."""

_NEVER_WOKEN: Final = (b"\x00\x00", b"\x01\x00")
"""How a row ends whose `wake_at` is null: `discarded`, then the branch of the union, which has no value."""

_LAST: Final = 0x7F
_BITS: Final = 7
"""Of a long: the highest value of its last byte, and the bits that a byte has."""


def may_wait(value: bytes) -> bool:
    """Return False only for a row that is not pending, has no `wake_at` and no ordering key.

    The letters of the status may stand elsewhere in a row, so True is no certainty; nor is it for rows that
    another version of joblog wrote.

    Args:
        value: a framed row.
    """
    if not value.startswith(_HEAD) or not value.endswith(_NEVER_WOKEN):
        return True
    return _PENDING in value or may_be_ordered(value)


def words_of(statuses: Iterable[str]) -> tuple[bytes, ...]:
    """Return how rows say statuses: each in Avro, its length, zigzag, before its letters."""
    return tuple(bytes((2 * len(status),)) + status.encode() for status in statuses)


def may_say(words: Iterable[bytes], value: bytes) -> bool:
    """Return False only for a row whose status is none of these, see `words_of`; True is no certainty.

    Args:
        words: the statuses.
        value: a framed row.
    """
    return not value.startswith(_HEAD) or any(word in value for word in words)


def time_of_wake(value: bytes) -> int | None:
    """Return the `wake_at` of a row that is surely neither pending nor ordered; None where it has to be decoded.

    A row ends with it. All bytes of a long but the last have their highest bit set, and the number of the
    union's branch before it has not; so it can be read from its end.

    Args:
        value: a framed row.
    """
    if not value.startswith(_HEAD) or value.endswith(_NEVER_WOKEN):
        return None
    if _PENDING in value or may_be_ordered(value):
        return None
    at = len(value) - 1
    found = value[at]
    while value[at - 1] > _LAST:
        at -= 1
        found = found << _BITS | value[at] & _LAST
    return found >> 1 ^ -(found & 1)
