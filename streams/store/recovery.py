"""Brings the local state to the end of the changelog, from where it stands or from nothing."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from joblog.streams.store.abc import Derivation
from joblog.streams.store.changelog import Changelog, Tail, Tails
from joblog.streams.store.checkpoint import Checkpoint, why_unusable
from joblog.streams.store.errors import LocalStateError
from joblog.streams.store.local import LocalDatabase, delete_local
from joblog.streams.store.memory_budget import MemoryBudget
from joblog.streams.store.reader import ChangelogReader, ChangelogRecord
from joblog.streams.store.sources import Sources

log = logging.getLogger(__name__)

Changes = list[tuple[bytes, bytes | None]]


class Recovered(NamedTuple):
    """A local database that stands where its changelog stands.

    Attributes:
        local: the database.
        tails: the last records of the changelog.
        records_read: how many records were new to it.
        rebuilt: whether it was made from nothing.
    """

    local: LocalDatabase
    tails: Tails
    records_read: int
    rebuilt: bool


@dataclass
class Recovery:
    """One recovery of one partition's local state.

    Attributes:
        directory: where the local database lies.
        memory: what it may use.
        changelog: what it follows.
        derivation: its local entries.
        reader: reads the changelog; started after the former owner was fenced.
        now: a time before the ends of the changelog are read; ms since the Unix epoch.
    """

    directory: Path
    memory: MemoryBudget
    changelog: Changelog
    derivation: Derivation
    reader: ChangelogReader
    now: int
    _tails: dict[str, Tail] = field(default_factory=dict, init=False)
    _records_read: int = field(default=0, init=False)

    async def run(self) -> Recovered:
        """Catch up from the local database if it can be used, otherwise rebuild it."""
        ends = await self.reader.ends()
        if self.directory.exists():
            try:
                return await self._catch_up(ends)
            except LocalStateError as error:
                log.warning("partition %d: %s", self.changelog.partition, error)
                delete_local(self.directory)
        return await self._rebuild(ends)

    async def _catch_up(self, ends: Mapping[str, int]) -> Recovered:
        with self._opened() as local:
            known = self._known_tails(local.checkpoint(), ends)
            async for family, records in self._news(known, ends):
                local.write(self._replacing(local, family, records))
            return self._complete(local, rebuilt=False)

    async def _rebuild(self, ends: Mapping[str, int]) -> Recovered:
        with self._opened() as local:
            sources = Sources(self.derivation.may_derive)
            async for family, records in self._news({}, ends):
                changes = [(family + record.key, record.value) for record in records]
                local.load(changes)
                sources.note(changes)
            await self._derive_all(local, sources)
            local.settle()
            return self._complete(local, rebuilt=True)

    @contextmanager
    def _opened(self) -> Iterator[LocalDatabase]:
        local = LocalDatabase(self.directory, self.memory)
        try:
            yield local
        except BaseException:
            local.close()
            raise

    def _known_tails(self, checkpoint: Checkpoint | None, ends: Mapping[str, int]) -> Tails:
        if checkpoint is None:
            raise LocalStateError(self.directory, "it was never complete")
        reason = why_unusable(
            checkpoint,
            version=self.derivation.version,
            now=self.now,
            # Half of the retention: clocks differ, and reading takes a while.
            most_age_ms=self.changelog.tombstone_retention_ms // 2,
            ends=ends,
        )
        if reason is not None:
            raise LocalStateError(self.directory, reason)
        return checkpoint.tails

    async def _news(
        self, known: Tails, ends: Mapping[str, int]
    ) -> AsyncIterator[tuple[bytes, list[ChangelogRecord]]]:
        """Yield the records after the known tails, with their family."""
        self._tails, self._records_read = dict(known), 0
        families = self.changelog.families()
        starts = {topic: known[topic].offset if topic in known else 0 for topic in ends}
        unconfirmed = dict(known)
        async for topic, fetched in self.reader.read(starts, ends):
            records = fetched
            if topic in unconfirmed:
                self._confirm(topic, unconfirmed.pop(topic), records[0])
                records = records[1:]
            if records:
                self._tails[topic] = _tail_of(records[-1])
                self._records_read += len(records)
                yield families[topic], records
        for topic, tail in unconfirmed.items():
            self._refuse(topic, tail)

    def _confirm(self, topic: str, tail: Tail, record: ChangelogRecord) -> None:
        if _tail_of(record) != tail:
            self._refuse(topic, tail)

    def _refuse(self, topic: str, tail: Tail) -> None:
        reason = f"its last record, {topic} offset {tail.offset}, is no longer in the changelog"
        raise LocalStateError(self.directory, reason)

    def _replacing(
        self, local: LocalDatabase, family: bytes, records: list[ChangelogRecord]
    ) -> Changes:
        """Return the changes that put rows in the place of others, local entries included."""
        derive = self.derivation.derive
        latest = {family + record.key: record.value for record in records}
        gone: Changes = []
        come: Changes = []
        for (key, value), replaced in zip(
            latest.items(), local.get_each(list(latest)), strict=True
        ):
            if replaced is not None:
                gone.extend((derived, None) for derived, _ in derive(key, replaced))
            come.append((key, value))
            if value is not None:
                come.extend(derive(key, value))
        return gone + come

    async def _derive_all(self, local: LocalDatabase, sources: Sources) -> None:
        derive = self.derivation.derive
        for entries in sources.entries(local, self.changelog.topics):
            local.load(derived for entry in entries for derived in derive(*entry))
            await asyncio.sleep(0)  # heartbeats and other partitions go on

    def _complete(self, local: LocalDatabase, *, rebuilt: bool) -> Recovered:
        """Write the checkpoint last, so that a crash before it leaves nothing that looks complete."""
        local.write((), Checkpoint(self.derivation.version, self.now, self._tails))
        return Recovered(local, self._tails, self._records_read, rebuilt)


def _tail_of(record: ChangelogRecord) -> Tail:
    return Tail.at(record.offset, record.timestamp, record.key, record.value)
