"""State as decided but not yet committed, over the committed state."""

from collections.abc import Iterable, Iterator
from heapq import nsmallest
from typing import Final

from joblog.lifecycle.partition.keys import (
    JOB,
    ORDER,
    PRESENT,
    TIMER,
    after,
    end_of_order,
    job_key,
    place_in_line,
    place_in_order,
    place_in_time,
    timer_key,
)
from joblog.lifecycle.partition.view import StateView
from joblog.lifecycle.states import TERMINAL
from joblog.schemas.state import JobRow
from joblog.schemas.state.waiting import may_say

CACHED_BYTES: Final = 32 * 1024 * 1024
"""Decoded rows of jobs that go on are kept after their commit, up to so many bytes of what is fixed in them."""

CHUNK: Final = 1_000
CHUNK_BYTES: Final = 4 * 1024 * 1024
"""Rows, and bytes of rows, that are read at once where all are looked through."""

Change = tuple[bytes, bytes | None]
"""A key and its new value; None deletes it."""


class _Layer:
    """Changes that are committed together: rows still decoded, so that a row is encoded once a commit."""

    def __init__(self) -> None:
        self.rows: dict[str, JobRow] = {}
        self.entries: dict[bytes, bytes | None] = {}
        self.replaced: set[bytes] = set()
        self.places: dict[bytes, set[bytes]] = {}
        """Changed places in the order of an ordering key, by the end of that: a scan looks at no others."""

    def changed_between(self, start: bytes, stop: bytes) -> dict[bytes, bytes | None]:
        keys = self.places.get(stop, ()) if start.startswith(ORDER) else self.entries
        return {
            key: self.entries[key] for key in keys if start <= key < stop and key in self.entries
        }

    def put(self, key: bytes, value: bytes) -> None:
        if key in self.entries and self.entries[key] is None:
            self.replaced.add(key)
        self.entries[key] = value

    def delete(self, key: bytes) -> None:
        """Delete an entry; one that never left this layer leaves no trace."""
        if self.entries.get(key) is not None and key not in self.replaced:
            del self.entries[key]
        else:
            self.entries[key] = None

    def changes(self) -> Iterator[Change]:
        for job_id, row in self.rows.items():
            yield job_key(job_id), row.encode()
        yield from self.entries.items()


class WorkingSet:
    """Reads see every change at once; `freeze` takes what a commit writes, `thaw` ends it."""

    def __init__(self, committed: StateView, cached_bytes: int = CACHED_BYTES) -> None:
        """Begin without changes over a committed state."""
        self._committed = committed
        self._current = _Layer()
        self._frozen = _Layer()
        self._cache: dict[str, JobRow] = {}
        self._cached = 0
        self._cached_most = cached_bytes
        self._first_timer = TIMER
        """No timer is lower. Before it lie those that were deleted, each of which a scan has to step over."""

    @property
    def changed_rows(self) -> int:
        """Rows changed since the last freeze."""
        return len(self._current.rows)

    def row(self, job_id: str) -> JobRow | None:
        """Return a job's row."""
        found = self._decoded(job_id)
        if found is not None:
            return found
        value = self._committed.get(job_key(job_id))
        return None if value is None else JobRow.decode(value)

    def rows(self, behind: str, limit: int, most_bytes: int) -> tuple[list[JobRow], bool]:
        """Return rows of jobs whose ids are greater than one, ascending by id, and whether more may follow.

        There are at most `limit`, and no more are read once those that are committed have `most_bytes`.
        """
        start = job_key(behind) + b"\x00"
        found = self._committed.scan(start, after(JOB), limit, most_bytes)
        committed = {key[len(JOB) :].decode(): value for key, value in found}
        is_cut = len(found) == limit or sum(len(value) for _, value in found) >= most_bytes
        last = max(committed) if is_cut else None  # what is committed behind it was not read
        changed = nsmallest(2 * limit, self._changed_rows(behind, last))
        ids = sorted({*committed, *changed})[:limit]
        rows = [self._decoded(job_id) or JobRow.decode(committed[job_id]) for job_id in ids]
        return rows, is_cut or len(ids) == limit

    def each_row(
        self, behind: str, words: tuple[bytes, ...]
    ) -> Iterator[tuple[str, JobRow | None]]:
        """Yield the ids of jobs greater than one, ascending, each with its row as decided so far.

        The row may be left out where its status is none of those looked for; see `may_say`.

        Args:
            behind: the id.
            words: the statuses, see `words_of`.
        """
        last: str | None = behind
        while last is not None:
            start, behind = job_key(last) + b"\x00", last
            found = self._committed.scan(start, after(JOB), CHUNK, CHUNK_BYTES)
            committed = {key[len(JOB) :].decode(): value for key, value in found}
            is_cut = len(found) == CHUNK or sum(map(len, committed.values())) >= CHUNK_BYTES
            last = max(committed) if is_cut else None
            for job_id in sorted({*committed, *self._changed_rows(behind, last)}):
                row = self._decoded(job_id)
                if row is None and may_say(words, committed[job_id]):
                    row = JobRow.decode(committed[job_id])
                yield job_id, row

    def _changed_rows(self, behind: str, last: str | None) -> Iterator[str]:
        """Yield the ids of changed jobs, from one (excluded) to another one, without which to the end."""
        for layer in (self._frozen, self._current):
            for job_id in layer.rows:
                if job_id > behind and (last is None or job_id <= last):
                    yield job_id

    def put_row(self, before: JobRow | None, row: JobRow) -> None:
        """Change a row together with its index entries."""
        job_id = row.opening.job_id
        self._current.rows[job_id] = row
        places = (None, None) if before is None else (place_in_line(before), place_in_time(before))
        self._move(places[0], place_in_line(row), job_id.encode())
        self._move(places[1], place_in_time(row), PRESENT)
        if row.opening.ordering_key is not None:
            old = None if before is None else place_in_order(before)
            self._move_in_order(old, place_in_order(row), job_id.encode())

    def put(self, key: bytes, value: bytes) -> None:
        """Change an entry that is no row."""
        if TIMER <= key < self._first_timer:
            self._first_timer = key
        self._current.put(key, value)

    def delete(self, key: bytes) -> None:
        """Delete an entry that is no row."""
        self._current.delete(key)

    def get(self, key: bytes) -> bytes | None:
        """Return an entry that is no row."""
        for layer in (self._current, self._frozen):
            if key in layer.entries:
                return layer.entries[key]
        return self._committed.get(key)

    def scan(self, start: bytes, stop: bytes, limit: int) -> list[tuple[bytes, bytes]]:
        """Return at most `limit` entries that are no rows, from `start` to `stop` (excluded), ascending.

        Places in order are scanned for one ordering key at a time, up to its end.
        """
        if start < TIMER:
            return self._scan(start, stop, limit)
        found = self._scan(max(start, self._first_timer), stop, limit)
        if start <= self._first_timer < stop:
            self._first_timer = found[0][0] if found else stop
        return found

    def may_be_due(self, now: int) -> bool:
        """Return False where no timer has elapsed, without a look at any of them."""
        return self._first_timer < timer_key(now + 1, b"")

    def _scan(self, start: bytes, stop: bytes, limit: int) -> list[tuple[bytes, bytes]]:
        changed = self._changed_between(start, stop)
        hidden = sum(value is None for value in changed.values())
        found = dict(self._committed.scan(start, stop, limit + hidden))
        for key, value in changed.items():
            if value is None:
                found.pop(key, None)
            else:
                found[key] = value
        return sorted(found.items())[:limit]

    def freeze(self) -> Iterator[Change]:
        """Yield all changes since the last freeze, as they are now; they stay visible until `thaw`.

        Raises:
            RuntimeError: the changes of the last freeze were not committed: they would be lost.
        """
        if self._frozen.rows or self._frozen.entries:
            raise RuntimeError("freeze() before thaw(): what was frozen is not committed yet")
        self._frozen, self._current = self._current, _Layer()
        return self._frozen.changes()

    def thaw(self) -> None:
        """The frozen changes are committed."""
        self._remember(self._frozen.rows.values())
        self._frozen = _Layer()

    def _decoded(self, job_id: str) -> JobRow | None:
        return (
            self._current.rows.get(job_id)
            or self._frozen.rows.get(job_id)
            or self._cache.get(job_id)
        )

    def _move(self, old: bytes | None, new: bytes | None, value: bytes) -> None:
        if old == new:
            return
        if old is not None:
            self._current.delete(old)
        if new is not None:
            self.put(new, value)

    def _move_in_order(self, old: bytes | None, new: bytes | None, value: bytes) -> None:
        for place in (old, new):
            if place is not None and old != new:
                self._current.places.setdefault(end_of_order(place), set()).add(place)
        self._move(old, new, value)

    def _remember(self, rows: Iterable[JobRow]) -> None:
        for row in rows:
            self._forget(row.opening.job_id)
            if row.status not in TERMINAL:
                self._cache[row.opening.job_id] = row
                self._cached += len(row.opening.encoded)
        while self._cached > self._cached_most:
            self._forget(next(iter(self._cache)))

    def _forget(self, job_id: str) -> None:
        row = self._cache.pop(job_id, None)
        if row is not None:
            self._cached -= len(row.opening.encoded)

    def _changed_between(self, start: bytes, stop: bytes) -> dict[bytes, bytes | None]:
        changed: dict[bytes, bytes | None] = {}
        for layer in (self._frozen, self._current):
            changed.update(layer.changed_between(start, stop))
        return changed
