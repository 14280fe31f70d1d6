"""The state of one partition on Kafka: a changelog with one writer, and a local copy to read."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from aiokafka.errors import KafkaError

from joblog.streams.kafka.client import unavailable
from joblog.streams.store.abc import CommitStep, Derivation, Reached, ignore
from joblog.streams.store.changelog import Changelog, Tails
from joblog.streams.store.changes import Changes, durable, last_of_each_key
from joblog.streams.store.checkpoint import Checkpoint
from joblog.streams.store.directory_lock import DirectoryLock
from joblog.streams.store.latch import Latch
from joblog.streams.store.local import LocalDatabase
from joblog.streams.store.memory_budget import MemoryBudget
from joblog.streams.store.reader import ChangelogReader
from joblog.streams.store.recovery import Recovered, Recovery
from joblog.streams.store.writer import ChangelogWriter


class KafkaStore:
    """A PartitionStore: durable entries in compacted topics, all entries in RocksDB.

    A commit is a Kafka transaction, then one local write, so the local copy is never ahead. `get` and
    `scan` read the local copy and do not wait.

    Args:
        changelog: the topics and the partition.
        directory: of the local copy; of this partition and this process alone. Deleted and made again
            where its content cannot be used.
        memory: what the local copies of this process may use together.
        derivation: the local entries.
        client: aiokafka's connection options, `bootstrap_servers` a list.
        clock: returns the time in ms since the Unix epoch.
        reached: told the steps of a commit. Defaults to nobody.

    Attributes:
        records_recovered: how many records `open` read that the local copy did not have.
        rebuilt: whether `open` made the local copy from nothing.
    """

    _local: LocalDatabase
    _writer: ChangelogWriter
    _tails: Tails

    def __init__(  # noqa: PLR0913 - what a store is made of
        self,
        changelog: Changelog,
        directory: Path,
        memory: MemoryBudget,
        derivation: Derivation,
        *,
        client: Mapping[str, Any],
        clock: Callable[[], int],
        reached: Reached = ignore,
    ) -> None:
        self._changelog = changelog
        self._directory = directory
        self._memory = memory
        self._derivation = derivation
        self._client = client
        self._clock = clock
        self._reached = reached
        self._latch = Latch(changelog.partition)
        self._committing = asyncio.Lock()
        self._resources = AsyncExitStack()
        self.records_recovered = 0
        self.rebuilt = False

    async def open(self) -> None:
        """Fence the former owner, then bring the local copy to the end of the changelog.

        Raises:
            StateDirectoryInUseError: another process has the local copy open.
            LocalStateError: the local copy cannot be made, say for want of space.
            TopicMissingError: a topic of the changelog does not exist.
            ChangelogTruncatedError: the changelog has lost records.
            KafkaUnavailableError: no broker answers, or none lets this client in.
        """
        self._latch.check_failure()
        try:
            await self._open()
        except KafkaError as error:
            servers = ",".join(self._client["bootstrap_servers"])
            raise unavailable(servers, error) from error

    def get(self, key: bytes) -> bytes | None:
        """Return the committed value of a key, None where there is none."""
        self._latch.check()
        return self._local.get(key)

    def scan(
        self, start: bytes, stop: bytes, limit: int, most_bytes: int | None = None
    ) -> list[tuple[bytes, bytes]]:
        """Return at most `limit` entries from `start` (included) to `stop` (excluded), ascending.

        With `most_bytes` the entry with which their values have so many bytes is the last.
        """
        self._latch.check()
        return self._local.scan(start, stop, limit, most_bytes)

    async def commit(self, changes: Sequence[tuple[bytes, bytes | None]]) -> None:
        """Make changes durable as a whole, then visible; a value of None deletes.

        Of several changes of a key the last counts. Commits run one after the other.

        Raises:
            FencedError: another process owns the partition now.
            StoreFailedError: the changes were not committed, or it is not known whether they were.
            LocalStateError: they were committed, but not written to the local copy.
            InvalidStateKeyError: a key has no family; nothing was changed.
        """
        latest = last_of_each_key(changes)
        async with self._committing:
            self._latch.check()
            with self._latch.shut_by_failure():
                await self._commit(latest)

    async def close(self) -> None:
        """Let a commit under way end, then give back what the store holds; commit nothing more."""
        async with self._committing:
            self._latch.close()
            await self._resources.aclose()

    async def _open(self) -> None:
        async with AsyncExitStack() as resources:
            lock = DirectoryLock(self._directory)
            lock.acquire()
            resources.callback(lock.release)
            self._writer = ChangelogWriter(self._client, self._changelog, self._reached)
            resources.push_async_callback(self._writer.stop)
            await self._writer.start()
            recovered = await self._recovered()
            resources.callback(recovered.local.close)
            self._local, self._tails, self.records_recovered, self.rebuilt = recovered
            self._latch.open()
            self._resources = resources.pop_all()

    async def _commit(self, changes: Changes) -> None:
        now = self._clock()
        records = durable(changes, self._changelog.topics)
        checkpoint = None
        if records:
            written = await self._writer.write(records, now, self._tails)
            self._tails = {**self._tails, **written}
            checkpoint = Checkpoint(self._derivation.version, now, self._tails)
        self._local.write(changes.items(), checkpoint)
        self._reached(CommitStep.LOCAL_WRITTEN)

    async def _recovered(self) -> Recovered:
        now = self._clock()
        reader = ChangelogReader(self._client, self._changelog)
        try:
            await reader.start()
            recovery = Recovery(
                self._directory, self._memory, self._changelog, self._derivation, reader, now
            )
            return await recovery.run()
        finally:
            await reader.stop()
