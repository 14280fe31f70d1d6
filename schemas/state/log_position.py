"""How far a partition is folded."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple, Self

from joblog.schemas.state.tables import read, write

_NONE: Final[Mapping[str, int]] = MappingProxyType({})


class LogPosition(NamedTuple):
    """How far a partition is folded, and what decisions carry from one record to the next.

    Attributes:
        offset: of the last record folded, -1 before the first.
        now: log time in ms, made monotone.
        log_id: from LogOpened, None before it.
        partitions: from LogOpened, 0 before it.
        rules: version of the rules in force.
        in_flight: dispatched and not yet started attempts, by lane.
    """

    offset: int = -1
    now: int = 0
    log_id: str | None = None
    partitions: int = 0
    rules: int = 1
    in_flight: Mapping[str, int] = _NONE

    def encode(self) -> bytes:
        """Return the framed position; equal positions give equal bytes."""
        in_flight = dict(sorted(self.in_flight.items()))
        return write("LogPosition", self._asdict() | {"in_flight": in_flight})

    @classmethod
    def decode(cls, value: bytes) -> Self:
        """Return the position in a framed value."""
        return cls(**read("LogPosition", value))
