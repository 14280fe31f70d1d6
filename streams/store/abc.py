"""The state of one partition: what the store on Kafka and the one in memory both do."""

from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from typing import NamedTuple, Protocol

from joblog.lifecycle.partition.view import StateView


class CommitStep(StrEnum):
    """The steps of a commit, in order; a crash after any of them loses nothing.

    After a crash up to `RECORDS_SENT` the next owner finds the state before the commit, from
    `TRANSACTION_COMMITTED` on the state after it.
    """

    TRANSACTION_BEGUN = "transaction begun"
    RECORDS_SENT = "records sent"
    TRANSACTION_COMMITTED = "transaction committed"
    LOCAL_WRITTEN = "local written"


Reached = Callable[[CommitStep], None]
"""Told each step of a commit once it is done, so that a test can end the process there."""


def ignore(_step: CommitStep) -> None:
    """Take no notice of a step."""


def _always(_key: bytes, _value: bytes) -> bool:
    """Look at every entry."""
    return True


class Derivation(NamedTuple):
    """The local entries that follow from durable ones.

    Attributes:
        version: changes whenever `derive` does; local state of another version is rebuilt.
        derive: returns the local entries of a durable entry (key, value). Pure, and no two durable
            entries have a local key in common.
        may_derive: returns False only for durable entries without local ones; cheaper than `derive`.
            Defaults to looking at every entry.
    """

    version: str
    derive: Callable[[bytes, bytes], Iterable[tuple[bytes, bytes]]]
    may_derive: Callable[[bytes, bytes], bool] = _always


class PartitionStore(StateView, Protocol):
    """The committed state of one partition, with one owner at a time.

    The first byte of a key is its family. The families j and l are durable; the others are local, and
    after a recovery they hold what the derivation says. A store is opened once. After a failed commit
    it refuses everything: the process has to end (invariants 2, 4 and 5 of the architecture).
    """

    async def open(self) -> None:
        """Fence the former owner, then recover its last committed state."""
        ...

    async def commit(self, changes: Sequence[tuple[bytes, bytes | None]]) -> None:
        """Make changes durable as a whole, then visible; a value of None deletes.

        Of several changes of a key the last counts.

        Raises:
            FencedError: another process owns the partition now.
            StoreFailedError: the changes were not committed, or it is not known whether they were.
            InvalidStateKeyError: a key has no family; nothing was changed.
        """
        ...

    async def close(self) -> None:
        """Let a commit under way end, then give back what the store holds; commit nothing more."""
        ...
