"""Full tables: their changelog, written as commits of a scheduler write it, in the same transactions."""

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack
from itertools import islice
from typing import Final, Self

from benchmarks.preparation.ids import job_id
from benchmarks.preparation.rows import Rows
from joblog.lifecycle.partition.keys import JOB, LOG, POSITION
from joblog.lifecycle.partitioner import partition_of
from joblog.schemas.state import LogPosition
from joblog.streams.kafka import check_topics, client_options
from joblog.streams.machine_clock import now_ms
from joblog.streams.settings import Settings
from joblog.streams.store import Changelog
from joblog.streams.store.abc import ignore
from joblog.streams.store.changelog import Tails
from joblog.streams.store.changes import Record
from joblog.streams.store.writer import ChangelogWriter
from joblog.streams.topics import TopicMap


def fill_tables(settings: Settings, jobs: int) -> None:
    """Write rows of so many jobs, over all partitions; no scheduler may run yet.

    The log itself has none of these jobs: a scheduler goes on after `LogOpened`, its first record.
    """
    asyncio.run(_fill(settings, jobs))


async def _fill(settings: Settings, jobs: int) -> None:
    log_id = (await check_topics(settings)).log_id
    async with AsyncExitStack() as stack:
        tables = [_Table(settings, number, log_id) for number in range(settings.partitions)]
        for table in tables:
            await stack.enter_async_context(table)
        numbers = iter(range(jobs))
        at_once = settings.scheduler.commit_rows * len(tables)
        while chosen := list(islice(numbers, at_once)):
            ids: list[list[str]] = [[] for _ in tables]
            for found in map(job_id, chosen):
                ids[partition_of(found.encode(), len(tables))].append(found)
            await asyncio.gather(
                *(table.commit(mine) for table, mine in zip(tables, ids, strict=True) if mine)
            )


_FOLDED: Final = 0
"""Offset of `LogOpened`."""


class _Table(AsyncExitStack):
    """Writes the tables of one partition."""

    def __init__(self, settings: Settings, partition: int, log_id: str) -> None:
        super().__init__()
        self._now = now_ms()
        self._rows = Rows(self._now)
        self._position = LogPosition(_FOLDED, self._now, log_id, settings.partitions)
        self._changelog = Changelog.of(TopicMap.of(settings), partition)
        self._writer = ChangelogWriter(client_options(settings), self._changelog, ignore)
        self._tails: Tails = {}

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        self.push_async_callback(self._writer.stop)
        await self._writer.start()
        return self

    async def commit(self, job_ids: list[str]) -> None:
        """Commit rows of these jobs, and the position."""
        rows = list(self._encoded(job_ids))
        position = self._position._replace(in_flight={"default": self._rows.in_flight})
        topics = self._changelog.topics
        entries: dict[str, list[Record]] = {
            topics[JOB]: rows,
            topics[LOG]: [(POSITION[1:], position.encode())],
        }
        self._tails = {
            **self._tails,
            **await self._writer.write(entries, self._now, self._tails),
        }

    def _encoded(self, job_ids: list[str]) -> Iterator[Record]:
        return ((found.encode(), self._rows.next(found)) for found in job_ids)
