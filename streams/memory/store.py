"""The state of one partition in memory, for tests and simulations."""

from bisect import bisect_left, insort
from collections.abc import Iterable, Sequence

from joblog.lifecycle.partition.keys import DURABLE
from joblog.lifecycle.partition.view import first_bytes
from joblog.streams.store.abc import CommitStep, Derivation, Reached, ignore
from joblog.streams.store.changes import last_of_each_key
from joblog.streams.store.errors import FencedError
from joblog.streams.store.latch import Latch


class MemoryChangelog:
    """The committed durable entries of one partition. It outlives its owners, as the topics do.

    Args:
        partition: the partition. Defaults to 0.

    Attributes:
        entries: value of each key.
        owner: the store that opened it last; any other is fenced.
    """

    def __init__(self, partition: int = 0) -> None:
        self.partition = partition
        self.entries: dict[bytes, bytes] = {}
        self.owner: MemoryStore | None = None


class MemoryStore:
    """A PartitionStore that keeps everything in memory; it always recovers from nothing.

    Args:
        changelog: what was committed, shared with former and later owners.
        derivation: the local entries.
        reached: told the steps of a commit; raise in it to crash there. Defaults to nobody.
    """

    def __init__(
        self, changelog: MemoryChangelog, derivation: Derivation, reached: Reached = ignore
    ) -> None:
        self._changelog = changelog
        self._derivation = derivation
        self._reached = reached
        self._latch = Latch(changelog.partition)
        self._values: dict[bytes, bytes] = {}
        self._keys: list[bytes] = []

    async def open(self) -> None:
        """Fence the former owner, then take over what it committed."""
        self._latch.open()
        self._changelog.owner = self
        for key, value in self._changelog.entries.items():
            self._values |= {key: value} | dict(self._derivation.derive(key, value))
        self._keys = sorted(self._values)

    def get(self, key: bytes) -> bytes | None:
        """Return the committed value of a key, None where there is none."""
        self._latch.check()
        return self._values.get(key)

    def scan(
        self, start: bytes, stop: bytes, limit: int, most_bytes: int | None = None
    ) -> list[tuple[bytes, bytes]]:
        """Return at most `limit` entries from `start` (included) to `stop` (excluded), ascending.

        With `most_bytes` the entry with which their values have so many bytes is the last.
        """
        self._latch.check()
        first = bisect_left(self._keys, start)
        last = min(bisect_left(self._keys, stop), first + limit)
        entries = ((key, self._values[key]) for key in self._keys[first:last])
        return first_bytes(entries, most_bytes)

    async def commit(self, changes: Sequence[tuple[bytes, bytes | None]]) -> None:
        """Make changes durable as a whole, then visible; a value of None deletes.

        Of several changes of a key the last counts.

        Raises:
            FencedError: another store has opened the changelog.
            StoreFailedError: `reached` raised.
            InvalidStateKeyError: a key has no family; nothing was changed.
        """
        latest = last_of_each_key(changes)
        self._latch.check()
        with self._latch.shut_by_failure():
            self._commit(latest.items())

    async def close(self) -> None:
        """Refuse use from now on."""
        self._latch.close()

    def _commit(self, changes: Iterable[tuple[bytes, bytes | None]]) -> None:
        durable = [(key, value) for key, value in changes if key[:1] in DURABLE]
        if durable:
            self._write_changelog(durable)
        for key, value in changes:
            self._set(key, value)
        self._reached(CommitStep.LOCAL_WRITTEN)

    def _write_changelog(self, changes: Iterable[tuple[bytes, bytes | None]]) -> None:
        if self._changelog.owner is not self:
            raise FencedError(self._changelog.partition, "memory")
        self._reached(CommitStep.TRANSACTION_BEGUN)
        self._reached(CommitStep.RECORDS_SENT)
        for key, value in changes:
            if value is None:
                self._changelog.entries.pop(key, None)
            else:
                self._changelog.entries[key] = value
        self._reached(CommitStep.TRANSACTION_COMMITTED)

    def _set(self, key: bytes, value: bytes | None) -> None:
        if value is None:
            if self._values.pop(key, None) is not None:
                del self._keys[bisect_left(self._keys, key)]
            return
        if key not in self._values:
            insort(self._keys, key)
        self._values[key] = value
