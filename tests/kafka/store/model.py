"""A small deterministic fold, and what the state is after its n-th commit."""

import random
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from joblog.lifecycle.partition.view import StateView, first_bytes
from joblog.streams.store import Derivation, PartitionStore

POSITION = b"lposition"
JOBS = 20
DUE_BYTES = 2

Change = tuple[bytes, bytes | None]


def derive(key: bytes, value: bytes) -> Iterator[tuple[bytes, bytes]]:
    """A timer for each row, and an entry in the backlog for rows with an even due time."""
    if not key.startswith(b"j"):
        return
    due = value[:DUE_BYTES]
    yield b"t" + due + key, b""
    if due[-1] % 2 == 0:
        yield b"b" + due + key, b"waiting"


DERIVATION = Derivation("1", derive)


def put(view: StateView, key: bytes, value: bytes | None) -> list[Change]:
    """The changes of a fold that replaces an entry, local entries included."""
    old = view.get(key)
    gone: list[Change] = [(local, None) for local, _ in derive(key, old)] if old is not None else []
    come: list[Change] = list(derive(key, value)) if value is not None else []
    return [*gone, (key, value), *come]


def nth_commit(view: StateView, number: int) -> list[Change]:
    """What commit `number` changes, given the state after the one before."""
    chance = random.Random(number)
    changes: list[Change] = []
    for job in chance.sample(range(JOBS), 3):
        deleted = chance.random() < 0.25
        value = None if deleted else chance.randbytes(DUE_BYTES) + b"row %d" % number
        changes += put(view, b"jjob-%d" % job, value)
    return [*changes, (POSITION, b"%d" % number)]


class Model:
    """An ordered map of bytes, written as plainly as can be: what each store has to equal."""

    def __init__(self) -> None:
        self.entries: dict[bytes, bytes] = {}

    def get(self, key: bytes) -> bytes | None:
        return self.entries.get(key)

    def scan(
        self, start: bytes, stop: bytes, limit: int, most_bytes: int | None = None
    ) -> list[tuple[bytes, bytes]]:
        keys = sorted(self.entries)
        inside = keys[bisect_left(keys, start) : bisect_left(keys, stop)]
        return first_bytes(((key, self.entries[key]) for key in inside[:limit]), most_bytes)

    def apply(self, changes: Sequence[Change]) -> None:
        for key, value in changes:
            if value is None:
                self.entries.pop(key, None)
            else:
                self.entries[key] = value


def state_after(number: int) -> Model:
    """The state after the n-th commit."""
    model = Model()
    for each in range(1, number + 1):
        model.apply(nth_commit(model, each))
    return model


def position(view: StateView) -> int:
    """The number of the last commit in a state."""
    return int(view.get(POSITION) or 0)


def all_entries(view: StateView) -> list[tuple[bytes, bytes]]:
    """Every entry of a state, durable and local."""
    return view.scan(b"", b"\xff", 1_000_000)


async def commit_up_to(store: PartitionStore, number: int) -> None:
    """Make the commits after the state's own, up to a number."""
    for each in range(position(store) + 1, number + 1):
        await store.commit(nth_commit(store, each))
