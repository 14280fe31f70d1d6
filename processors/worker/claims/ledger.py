"""The ledger of one work partition: which records are untouched, claimed, settled.

See docs/claims.md for the states, and for what a crash at any point leads to.
"""

from collections.abc import Mapping
from enum import Enum, auto
from typing import Final

from joblog.processors.worker.claims.claim import Claim, Place, RecordState

WINDOW: Final = 8_192
"""Most records from the first that is not settled to the last that was read."""


class Arrival(Enum):
    """What is to be done with a record that was read."""

    TAKE = auto()
    """Claim it, then run it."""
    LOST = auto()
    """Report it as lost: a worker that is gone had claimed it."""
    SETTLED = auto()
    """Nothing: it was reported before."""
    REPEATED = auto()
    """Nothing: it is a dispatch that was read before."""


class ClaimLedger:
    """States of the records from the first that is not settled on, in one generation of the group.

    Args:
        log_id: the log.
        worker: who claims.
        offset: the committed offset, or where to begin without one.
        claim: what was committed with it, None without one.

    Attributes:
        highest: the highest place of all dispatches that were read; None before the first.
    """

    def __init__(self, log_id: str, worker: str, offset: int, claim: Claim | None = None) -> None:
        self.highest = None if claim is None else claim.highest
        self._log_id = log_id
        self._worker = worker
        self._first = offset
        self._states = bytearray(b"" if claim is None else claim.states)
        self._changes = 0
        self._committed = 0

    @property
    def span(self) -> int:
        """Records from the first that is not settled to the last that was read."""
        return len(self._states)

    @property
    def dirty(self) -> bool:
        """Whether something has changed since the last commit."""
        return self._changes != self._committed

    @property
    def claimed(self) -> list[int]:
        """Offsets of the claimed records."""
        return self._offsets(RecordState.CLAIMED)

    @property
    def untouched(self) -> list[int]:
        """Offsets of the records that were read and not claimed."""
        return self._offsets(RecordState.UNTOUCHED)

    def is_known(self, offset: int) -> bool:
        """Return whether a record was read before: in this generation, or by whom the claim is from."""
        return offset - self._first < len(self._states)

    def arrive(self, offset: int, place: Place | None) -> Arrival:
        """Take in a record that was read; records are read in order.

        Args:
            offset: its offset.
            place: the dispatch's place; None where the record cannot be read (yet).
        """
        index = offset - self._first
        if index < 0:
            return Arrival.SETTLED
        if index < len(self._states):  # a former worker has read it before
            return _ARRIVALS[self._states[index]]
        self._states.extend(bytes(index - len(self._states)))  # no record has these offsets
        repeated = self.is_repeated(place, self.highest)
        self._states.append(RecordState.SETTLED if repeated else RecordState.UNTOUCHED)
        self._changes += repeated
        self.read(place)
        return Arrival.REPEATED if repeated else Arrival.TAKE

    def read(self, place: Place | None) -> None:
        """Note the place of a dispatch, so that it is known when it comes again."""
        if place is not None and not self.is_repeated(place, self.highest):
            self.highest = place

    @staticmethod
    def is_repeated(place: Place | None, highest: Place | None) -> bool:
        """Return whether a dispatch is the repeat of one whose place is at most `highest`."""
        return place is not None and highest is not None and place <= highest

    def claim(self, offset: int) -> None:
        """Claim an untouched record; it may run once this is committed.

        Raises:
            ValueError: the record is not untouched.
        """
        if self._state(offset) != RecordState.UNTOUCHED:
            raise ValueError(f"record {offset} is not untouched: it cannot be claimed")
        self._set(offset, RecordState.CLAIMED)

    def settle(self, offset: int) -> None:
        """Note that a record was reported and acknowledged; again changes nothing."""
        if self._state(offset) != RecordState.SETTLED:
            self._set(offset, RecordState.SETTLED)

    def to_commit(self) -> tuple[int, Claim, int]:
        """Return the offset and claim to commit, and what `committed` is to be told then."""
        kept = self._states.lstrip(_SETTLED)
        self._first += len(self._states) - len(kept)
        self._states = kept
        claim = Claim(self._log_id, self._worker, self.highest, bytes(kept))
        return self._first, claim, self._changes

    def committed(self, changes: int) -> None:
        """Note that what `to_commit` returned was committed."""
        self._committed = max(self._committed, changes)

    def _state(self, offset: int) -> int:
        index = offset - self._first
        return self._states[index] if 0 <= index < len(self._states) else RecordState.SETTLED

    def _set(self, offset: int, state: RecordState) -> None:
        self._states[offset - self._first] = state
        self._changes += 1

    def _offsets(self, state: RecordState) -> list[int]:
        return [
            self._first + index for index, one in enumerate(bytes(self._states)) if one == state
        ]


_SETTLED: Final = bytes([RecordState.SETTLED])
_ARRIVALS: Final[Mapping[int, Arrival]] = {
    RecordState.SETTLED: Arrival.SETTLED,
    RecordState.UNTOUCHED: Arrival.TAKE,
    RecordState.CLAIMED: Arrival.LOST,
}
