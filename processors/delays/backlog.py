"""What of one partition of a delay topic is in memory."""

from dataclasses import dataclass, field
from typing import Final, NamedTuple, Self

from joblog.lifecycle.delays import TIERS, Tier
from joblog.processors.delays.ledger import Ledger
from joblog.processors.delays.records import Delayed, Refused, WakeUp
from joblog.streams.record_checks import size_of

READ_AHEAD: Final = 36_000
"""Records that a process reads ahead, over all it owns. After a wait that many jobs had in common,
they are passed on at some 10,000 a second; who is due soon is found among those that are in memory."""

MOST_READ_AHEAD: Final = 1_000
LEAST_READ_AHEAD: Final = 100
USUAL_BYTES: Final = 256

MOST_UNDONE: Final = 10_000
"""Offsets to remember: those of all records, done or not, from the first that is not done on."""


class Bounds(NamedTuple):
    """How much is in memory of one partition number.

    Attributes:
        held: most records that wait for their due time alone.
        read_ahead: records at which no more of a tier are read; the last fetch may exceed it.
    """

    held: int
    read_ahead: int

    @classmethod
    def of(cls, max_held: int, partitions: int) -> Self:
        """Return the share of one of so many partition numbers in a process."""
        read_ahead = READ_AHEAD // (partitions * len(TIERS))
        return cls(
            held=max(1, max_held // partitions),
            read_ahead=min(MOST_READ_AHEAD, max(LEAST_READ_AHEAD, read_ahead)),
        )


@dataclass(slots=True)
class TierBacklog:
    """The records that were read ahead, and the ledger of all that were read.

    Attributes:
        tier: the delay topic.
        read_ahead: see ``Bounds``; larger records count as several.
        ledger: what may be committed.
        records: records read ahead.
        size: their bytes.
    """

    tier: Tier
    read_ahead: int
    ledger: Ledger = field(default_factory=Ledger)
    records: int = 0
    size: int = 0

    @property
    def is_full(self) -> bool:
        """Whether nothing more should be read for now."""
        return (
            self.records >= self.read_ahead
            or self.size >= self.read_ahead * USUAL_BYTES
            or self.ledger.span >= MOST_UNDONE
        )

    def add(self, item: Delayed | Refused) -> "Entry":
        """Take in a record that was read."""
        entry = Entry(self, item.record.offset, size_of(item.record), item)
        self.ledger.read(entry.offset)
        self.records += 1
        self.size += entry.size
        return entry

    def let_go(self, entry: "Entry") -> None:
        """Note that the bytes of a record are needed no longer."""
        self.records -= 1
        self.size -= entry.size


@dataclass(slots=True, eq=False)
class Entry:
    """A record that waits in memory.

    Attributes:
        backlog: where it was read.
        offset: its offset there.
        size: its bytes, counted as the publisher does.
        item: what it says; only the wake-up, once its bytes are needed no longer.
    """

    backlog: TierBacklog
    offset: int
    size: int
    item: Delayed | Refused | WakeUp
