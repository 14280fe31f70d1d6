"""Folds a partition of joblog.events from its first record, into an empty local database."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from aiokafka import TopicPartition

from joblog.lifecycle.partition.fold import PartitionFold
from joblog.processors.replay.errors import LogCutError
from joblog.processors.replay.purity import nothing_but_the_log
from joblog.processors.replay.rows import position_of
from joblog.streams.kafka.inbound import inbound
from joblog.streams.kafka.log_reader import LogReader, Records
from joblog.streams.settings import Settings
from joblog.streams.store.local import LocalDatabase
from joblog.streams.store.memory_budget import MemoryBudget
from joblog.streams.topics import TopicMap

COMMIT_RECORDS: Final = 5_000
"""Records between two writes to the local database. The result does not depend on it."""

Progress = Callable[[int], None]
"""Told how many more records were folded."""


def _tell_nobody(_: int) -> None:
    """Take no notice."""


class Rebuild:
    """Rebuilds partitions, one after the other, with clocks and chance taken away.

    Args:
        settings: where Kafka is.
        directory: an empty directory for the local databases.
        commit_records: records between two writes.

    Attributes:
        progress: told how many more records were folded. Defaults to nobody.
    """

    def __init__(
        self,
        settings: Settings,
        directory: Path,
        commit_records: int = COMMIT_RECORDS,
    ) -> None:
        self._settings = settings
        self._topic = TopicMap.of(settings).events.name
        self._directory = directory
        self._commit_records = commit_records
        self.progress: Progress = _tell_nobody
        self._memory = MemoryBudget()

    async def ends(self) -> dict[int, int]:
        """Return the offset below which all records of each partition stand."""
        parts = [TopicPartition(self._topic, number) for number in range(self._settings.partitions)]
        async with LogReader(self._settings) as reader:
            return {at.partition: end for at, end in (await reader.ends(parts)).items()}

    async def partition(self, number: int, end: int, attempt: int = 0) -> LocalDatabase:
        """Fold all that can be read of a partition below an offset, each attempt in a directory of its own.

        Right below it need be no record: a transaction's marker has an offset too.

        Raises:
            LogCutError: the log no longer begins with its first record, or ends before the offset.
        """
        local = LocalDatabase(self._directory / f"replayed-{number}-{attempt}", self._memory)
        fold = PartitionFold(self._topic, number, local)
        at = TopicPartition(self._topic, number)
        async with LogReader(self._settings) as reader:
            await self._refuse_cut(reader, at, end)
            async for records in reader.read({at: 0}):
                self._fold(fold, local, [record for record in records if record.offset < end])
                if records and records[-1].offset >= end - 1:
                    break
        local.write(fold.freeze())
        return local

    async def up_to(self, number: int, offset: int, attempt: int = 0) -> LocalDatabase:
        """Fold a partition up to a record (included; -1 folds nothing), as `partition` does.

        Raises:
            LogCutError: the log no longer begins with its first record, or has that record no longer.
        """
        local = await self.partition(number, offset + 1, attempt)
        found = position_of(local)
        if found < offset:
            local.close()
            raise LogCutError(self._topic, number, f"ends at offset {found}", str(offset))
        return local

    async def _refuse_cut(self, reader: LogReader, at: TopicPartition, end: int) -> None:
        first, found = (await reader.starts([at]))[at], (await reader.ends([at]))[at]
        if first > 0:
            raise LogCutError(self._topic, at.partition, f"begins at offset {first}", "0")
        if found < end:
            raise LogCutError(self._topic, at.partition, f"ends before offset {found}", str(found))

    def _fold(self, fold: PartitionFold, local: LocalDatabase, records: Records) -> None:
        for start in range(0, len(records), self._commit_records):
            chunk = [inbound(record) for record in records[start : start + self._commit_records]]
            with nothing_but_the_log():
                for record in chunk:
                    fold.apply(record)
                writes = [*fold.freeze()]
            local.write(writes)
            fold.thaw()
            self.progress(len(chunk))
