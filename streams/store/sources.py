"""Which durable entries have local ones: remembered while a changelog is read, so that few are read again."""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from joblog.lifecycle.partition.scanning import CHUNK, chunks
from joblog.streams.store.local import LocalDatabase

MOST_SOURCES: Final = 32_768
"""Keys that are remembered: 4 MB. Where there are more, all entries are read again."""

Entry = tuple[bytes, bytes]


class Sources:
    """The keys of entries that may have local ones.

    Args:
        may_derive: of a derivation.
        most: most keys that are remembered.
    """

    def __init__(
        self, may_derive: Callable[[bytes, bytes], bool], most: int = MOST_SOURCES
    ) -> None:
        self._may_derive = may_derive
        self._most = most
        self._keys: set[bytes] = set()
        self._too_many = False

    def note(self, changes: Iterable[tuple[bytes, bytes | None]]) -> None:
        """Take note of changes, in their order."""
        if self._too_many:
            return
        keys, may_derive = self._keys, self._may_derive
        for key, value in changes:
            if value is not None and may_derive(key, value):
                keys.add(key)
            elif key in keys:
                keys.remove(key)
        if len(keys) > self._most:
            self._too_many = True
            keys.clear()

    def entries(self, local: LocalDatabase, families: Iterable[bytes]) -> Iterator[list[Entry]]:
        """Yield at least all entries with local ones, a bounded number at a time."""
        if self._too_many:
            for family in families:
                yield from chunks(local, family)
        keys = sorted(self._keys)
        for start in range(0, len(keys), CHUNK):
            chosen = keys[start : start + CHUNK]
            found = zip(chosen, local.get_each(chosen), strict=True)
            yield [(key, value) for key, value in found if value is not None]
