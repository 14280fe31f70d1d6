"""Records as they come from and go to the log."""

from typing import NamedTuple

from joblog.lifecycle.records import Inbound

__all__ = ["Inbound", "Outbound", "Position"]


class Outbound(NamedTuple):
    """A record to be written; the partition is always explicit, and a header's value may be null."""

    topic: str
    partition: int
    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes | None]]


class Position(NamedTuple):
    """Where in its topic a record stands."""

    partition: int
    offset: int
