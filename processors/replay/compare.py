"""Two states of a partition side by side."""

from collections.abc import Iterator
from heapq import merge
from itertools import groupby, islice
from operator import itemgetter
from typing import NamedTuple

from joblog.lifecycle.partition.keys import DURABLE, JOB
from joblog.lifecycle.partition.view import StateView
from joblog.processors.replay.rows import entries
from joblog.schemas.state import JobRow

_LIVE, _REPLAYED = 0, 1
SHOWN = 10
"""Differences that a report shows; the first few tell what is wrong."""


class Difference(NamedTuple):
    """An entry that is not the same in both.

    Attributes:
        entry: job id, or name of an entry about the log.
        live: what the live table has, None where it has nothing.
        replayed: what the replay has, None where it has nothing.
    """

    entry: str
    live: str | None
    replayed: str | None


def differences(live: StateView, replayed: StateView) -> list[Difference]:
    """Return the first differences between two states, by key."""
    return list(islice(_differences(live, replayed), SHOWN))


def _differences(live: StateView, replayed: StateView) -> Iterator[Difference]:
    for family in DURABLE:
        both = merge(_tagged(live, family, _LIVE), _tagged(replayed, family, _REPLAYED))
        for key, sides in groupby(both, key=itemgetter(0)):
            values = {side: value for _, side, value in sides}
            if values.get(_LIVE) != values.get(_REPLAYED):
                yield _difference(key, values.get(_LIVE), values.get(_REPLAYED))


def _tagged(view: StateView, family: bytes, side: int) -> Iterator[tuple[bytes, int, bytes]]:
    return ((key, side, value) for key, value in entries(view, family))


def _difference(key: bytes, live: bytes | None, replayed: bytes | None) -> Difference:
    if live is None or replayed is None:
        return Difference(_name(key), _presence(live), _presence(replayed))
    return _changed(key, live, replayed)


def _presence(value: bytes | None) -> str | None:
    return None if value is None else "present"


def _changed(key: bytes, live: bytes, replayed: bytes) -> Difference:
    if not key.startswith(JOB):
        return Difference(_name(key), live.hex(), replayed.hex())
    one, other = JobRow.decode(live).fields(), JobRow.decode(replayed).fields()
    fields = [name for name in one if one[name] != other[name]]
    left = ", ".join(f"{name}={one[name]!r}" for name in fields)
    right = ", ".join(f"{name}={other[name]!r}" for name in fields)
    return Difference(_name(key), left, right)


def _name(key: bytes) -> str:
    return key[1:].decode(errors="replace")
