"""The live tables, read from their changelog into a local database; nobody is fenced by it."""

from pathlib import Path

from joblog.streams.kafka import client_options
from joblog.streams.settings import Settings
from joblog.streams.store import STATE, Changelog, MemoryBudget
from joblog.streams.store.local import LocalDatabase
from joblog.streams.store.reader import ChangelogReader
from joblog.streams.store.recovery import Recovery
from joblog.streams.topics import TopicMap


async def live_partition(
    settings: Settings, number: int, directory: Path, now_ms: int
) -> LocalDatabase:
    """Return the committed state of a partition as it is now.

    Args:
        settings: where Kafka is.
        number: the partition.
        directory: where the local database lies; an earlier one there is brought up to date.
        now_ms: the time in ms since the Unix epoch.
    """
    changelog = Changelog.of(TopicMap.of(settings), number)
    reader = ChangelogReader(client_options(settings), changelog)
    try:
        await reader.start()
        recovery = Recovery(directory, MemoryBudget(), changelog, STATE, reader, now_ms)
        return (await recovery.run()).local
    finally:
        await reader.stop()
